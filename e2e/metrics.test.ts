import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ParsedExposition, parseExposition, valueOf } from '../packages/gateway/test/exposition.ts';
import { echoConfig, type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, signIn } from './support/people.ts';
import { until } from './support/until.ts';

const permission = { read: 'app:read', write: 'app:write' };
const ROUTES = [
  { path: '/api/chats/{id}', upstream: 'app', access: 'session', permission },
  { path: '/**', upstream: 'app', access: 'session', permission },
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Metrics as whoever owns the data directory sees them. */
async function shown(gate: RunningGate): Promise<ParsedExposition> {
  return parseExposition((await gate.cli('metrics')).stdout);
}

function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers });
}

describe('the metrics of a gate', () => {
  let upstream: EchoUpstream;
  let gate: RunningGate;
  let port: number;
  let platform: Caller;
  let admin: Caller;

  beforeAll(async () => {
    upstream = await startEchoUpstream();
    port = await freePort();
    const config = { ...echoConfig(upstream.url, { routes: ROUTES }), listen: { metrics: `127.0.0.1:${port}` } };
    gate = await startGate({ config });
    const first = await signIn(gate, gate.invite ?? '');
    platform = await inSystem(first);
    admin = await signIn(gate, String((await gate.operator('invite', 'create', '--role', 'admin'))['invite']));
  });

  afterAll(async () => {
    await gate?.stop();
    await upstream?.close();
  });

  async function inSystem(caller: Caller): Promise<Caller> {
    const response = await fetch(`${gate.url}/auth/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${caller.token}` },
      body: JSON.stringify({ tenant: 'system' }),
    });
    // The contract of the operation.
    const { token } = (await response.json()) as { token: string };
    return { ...caller, token };
  }

  const bearer = ({ token }: Caller) => ({ authorization: `Bearer ${token}` });

  describe('T16: on the listener that people use', () => {
    it.each([
      ['nobody', {}],
      ['somebody who says to be on this machine', { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' }],
      ['somebody with a token that is none', { authorization: 'Bearer none' }],
      ['somebody with a key that is none', { 'x-api-key': 'sg_test_none' }],
    ])('are shown to nobody without a credential: %s', async (_who, headers) => {
      const answer = await ask(`${gate.url}/metrics`, headers);
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain('steadygate_');
    });

    it.each(['/metrics/', '/metrics/x', '/Metrics', '/%6detrics', '//metrics', '/metrics;x'])(
      'nor under another spelling: %s',
      async (path) => {
        for (const headers of [{}, bearer(admin)]) {
          const answer = await ask(gate.url + path, headers);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(await answer.text()).not.toContain('steadygate_');
        }
      },
    );

    it('T15: nor to an administrator of a tenant', async () => {
      const answer = await ask(`${gate.url}/metrics`, bearer(admin));
      expect([answer.status, (await answer.text()).includes('steadygate_')]).toEqual([403, false]);
    });

    it('are shown to a person of tenant system', async () => {
      const answer = await ask(`${gate.url}/metrics`, bearer(platform));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
      expect(valueOf(parseExposition(await answer.text()), 'steadygate_build_info')).toBe(1);
    });

    it('are shown as OpenMetrics to whoever prefers it', async () => {
      const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
      const answer = await ask(`${gate.url}/metrics`, { ...bearer(platform), accept });
      expect(answer.headers.get('content-type')).toContain('application/openmetrics-text');
      expect((await answer.text()).endsWith('# EOF\n')).toBe(true);
    });

    it('are shown to a key of tenant system until it is revoked', async () => {
      const make = ['key', 'create', '--tenant', 'system', '--name', 'prometheus', '--permissions', 'metrics:read'];
      const { key, id } = await gate.operator(...make);
      const scrape = () => ask(`${gate.url}/metrics`, { authorization: `Bearer ${String(key)}` });
      expect((await scrape()).status).toBe(200);
      await gate.operator('key', 'revoke', String(id), '--tenant', 'system');
      expect((await scrape()).status).toBe(401);
    });

    it.each([
      ['system', 'config:write', 'A key of tenant system holds metrics:read and nothing else.'],
      ['system', 'metrics:read,app:read', 'A key of tenant system holds metrics:read and nothing else.'],
      ['system', '*', 'A key of tenant system holds metrics:read and nothing else.'],
      ['default', 'metrics:read', 'No key holds permissions of area metrics.'],
    ])('T15: a key of tenant %s cannot hold %s', async (tenant, permissions, says) => {
      const { code, stderr } = await gate.cli(
        'key',
        'create',
        '--tenant',
        tenant,
        '--name',
        'n',
        '--permissions',
        permissions,
      );
      expect([code, stderr.includes(says)]).toEqual([2, true]);
    });

    it('T15: a wildcard of a key in another tenant does not reach them', async () => {
      const { key } = await gate.operator('key', 'create', '--name', 'all', '--permissions', '*:read');
      expect((await ask(`${gate.url}/metrics`, { 'x-api-key': String(key) })).status).toBe(403);
    });

    it('take no other method', async () => {
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const answer = await fetch(`${gate.url}/metrics`, { method, headers: bearer(platform) });
        expect(answer.status).toBe(405);
      }
    });
  });

  describe('T16: on a listener of their own', () => {
    it('are shown without a credential, and nothing else is', async () => {
      const answer = await ask(`http://127.0.0.1:${port}/metrics`);
      expect(answer.status).toBe(200);
      expect(valueOf(parseExposition(await answer.text()), 'steadygate_ready')).toBe(1);
      for (const path of ['/', '/control/v1/sessions', '/auth/session', '/health/live', '/api/chats/1']) {
        expect((await ask(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
      }
    });

    it('are not shown to a page whose name was bound to this address', async () => {
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      const options = { host: '127.0.0.1', port, path: '/metrics', headers: { host: `evil.example:${port}` } };
      request(options, (response) => resolve(response.resume().statusCode)).end();
      expect(await promise).toBe(421);
    });
  });

  it('are shown over the control socket, as text and as JSON', async () => {
    expect(valueOf(await shown(gate), 'steadygate_store_up')).toBe(1);
    const { families } = await gate.operator('metrics');
    expect(families).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ metric: expect.objectContaining({ name: 'steadygate_ready' }) }),
      ]),
    );
  });

  it('count requests by the pattern of their route, and say nothing of who asked for what', async () => {
    const chat = '4f1d8a0c-6b7e-4593-8a0c-6b7e25934f1d';
    const before = await shown(gate);
    for (let at = 0; at < 5; at += 1) await (await ask(`${gate.url}/api/chats/${chat}`, bearer(admin))).text();
    await (await ask(`${gate.url}/api/chats/${chat}`)).text();
    await ask(`${gate.url}/.env`);
    const grown = async (labels: Record<string, string>, name = 'steadygate_requests_total') =>
      (valueOf(await shown(gate), name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
    const route = '/api/chats/{id}';
    // What is counted is counted when its answer has ended.
    await until(
      'five requests are counted',
      async () => (await grown({ route, verdict: 'allow', status_class: '2xx' })) === 5,
    );
    expect(await grown({ route, verdict: 'deny', guard: 'authenticate', status_class: '4xx' })).toBe(1);
    expect(await grown({ guard: 'authenticate', code: 'credential-required' }, 'steadygate_refusals_total')).toBe(1);
    expect(await grown({ route }, 'steadygate_added_duration_seconds_count')).toBe(6);
    expect(await grown({ upstream: 'app' }, 'steadygate_upstream_duration_seconds_count')).toBe(5);
    // Targets are named by their configured origin.
    const text = (await gate.cli('metrics')).stdout.replaceAll(upstream.url, 'the application');
    for (const said of [chat, admin.userId, admin.token, '.env', '127.0.0.1', 'default'])
      expect(text).not.toContain(said);
  });

  it('know what is there: sessions, connections, caches, the process', async () => {
    const parsed = await shown(gate);
    expect(valueOf(parsed, 'steadygate_live_sessions')).toBeGreaterThanOrEqual(0);
    expect(valueOf(parsed, 'steadygate_keys_to_rotate')).toBe(0);
    expect(valueOf(parsed, 'steadygate_instances')).toBe(1);
    expect(valueOf(parsed, 'steadygate_blocks', { kind: 'address' })).toBe(0);
    expect(valueOf(parsed, 'steadygate_cache_hits_total', { cache: 'tokens' })).toBeGreaterThan(0);
    expect(valueOf(parsed, 'steadygate_cache_entries_max', { cache: 'keys' })).toBe(200_000);
    expect(
      valueOf(parsed, 'steadygate_store_operation_duration_seconds_count', { operation: 'change' }),
    ).toBeGreaterThan(0);
    expect(valueOf(parsed, 'steadygate_open_connections', { listener: 'main' })).toBeGreaterThanOrEqual(0);
    expect(valueOf(parsed, 'process_resident_memory_bytes')).toBeGreaterThan(20_000_000);
  });
});

it('T16: a listener that others reach stops the start until it says who may read', async () => {
  const config = { ...echoConfig('http://127.0.0.1:9', { routes: ROUTES }), listen: { metrics: '0.0.0.0:9464' } };
  await expect(startGate({ config })).rejects.toThrow('binds an address that others reach');
});

it('a listener whose address is taken stops the start with a sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  // Bound to a port.
  const { port } = taken.address() as AddressInfo;
  const config = { ...echoConfig('http://127.0.0.1:9', { routes: ROUTES }), listen: { metrics: `127.0.0.1:${port}` } };
  await expect(startGate({ config })).rejects.toThrow('something else listens there');
  taken.close();
});

it('T16: metrics are on the control plane’s own listener where it has one', async () => {
  const listen = { host: '127.0.0.1', port: 0, control: '127.0.0.1:0' };
  const gate = await startGate({ config: { ...echoConfig('http://127.0.0.1:9', { routes: ROUTES }), listen } });
  try {
    const control = new URL(String(JSON.parse(gate.lines[0] ?? '{}').console)).origin;
    expect((await ask(`${gate.url}/metrics`)).status).toBe(404);
    expect((await ask(`${control}/metrics`)).status).toBe(401);
    const make = ['key', 'create', '--tenant', 'system', '--name', 'prometheus', '--permissions', 'metrics:read'];
    const { key } = await gate.operator(...make);
    const headers = { 'x-api-key': String(key) };
    expect((await ask(`${gate.url}/metrics`, headers)).status).toBe(404);
    expect((await ask(`${control}/metrics`, headers)).status).toBe(200);
  } finally {
    await gate.stop();
  }
});
