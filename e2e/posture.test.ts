import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Posture } from '@steadygate/contract';
import { CLAIMS } from '@steadygate/core';
import { afterEach, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';

const KEY = '9f3c71ab20de48b1a6c05d7e83f2946b0d17c8e5f4a3b2916e7d8c0f5a1b3c29';
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

async function started(options: Parameters<typeof startGate>[0]): Promise<RunningGate> {
  const gate = await startGate(options);
  running.push(() => gate.stop());
  return gate;
}

async function postureOf(gate: RunningGate) {
  const { code, stdout } = await gate.cli('posture', '--json');
  return { code, posture: Posture.parse(JSON.parse(stdout)) };
}

test('the demo proves every claim but SB20, and says why', async () => {
  const gate = await started({});
  const [first, second] = await Promise.all([postureOf(gate), postureOf(gate)]);
  const { code, posture } = first;
  expect(code).toBe(1);
  expect(posture.controls.map(({ id }) => id)).toEqual(CLAIMS.map(({ id }) => id));
  const unproven = posture.controls.filter(({ state }) => state !== 'proven');
  expect(unproven).toEqual([
    expect.objectContaining({ id: 'SB20', state: 'failing', detail: expect.stringContaining('without an assertion') }),
  ]);
  expect(posture.configDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(posture.vantage).toContain(new URL(gate.url).host);
  for (const { checkedAt } of posture.controls) expect(checkedAt).toBeLessThanOrEqual(posture.checkedAt);
  // Whoever asks while one run goes on gets its answer.
  expect(second.posture.checkedAt).toBe(posture.checkedAt);
});

test('T23: probes leave no trace in the gate, and at an application only the two requests of SB20', async () => {
  const asked: IncomingMessage[] = [];
  const upstream = createServer((incoming, response) => {
    asked.push(incoming);
    response.writeHead(401).end();
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  running.push(async () => void upstream.close());
  // Bound to a TCP port, so the address is one.
  const { port } = upstream.address() as AddressInfo;
  const gate = await started({
    env: { KEK: KEY },
    config: {
      environment: 'production',
      listen: { origins: ['https://app.example.com'] },
      upstreams: { app: { url: `http://127.0.0.1:${port}` } },
      routes: [{ path: '/api/**', permission: { read: 'app:read', write: 'app:write' } }],
      ownership: [{ resource: 'thing', idPattern: '[0-9]+', guards: ['/api/things/{id}/**'] }],
      guards: { text: {}, waf: {} },
      secrets: { keyEncryptionKey: '${KEK}' },
    },
  });
  const before = await gate.operator('user', 'list');
  const { code, posture } = await postureOf(gate);
  expect(posture.controls.filter(({ state }) => state !== 'proven')).toEqual([]);
  expect(code).toBe(0);
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /', 'GET /']);
  expect(asked.map(({ headers }) => headers.authorization ?? headers.cookie)).toEqual([undefined, undefined]);
  expect(await gate.operator('user', 'list')).toEqual(before);
  const { entries } = await gate.operator('audit', 'list');
  expect(JSON.stringify(entries)).not.toContain('sg-prob');
});

test('SB20 is failing while the application cannot be asked', async () => {
  const gate = await started({ args: ['--upstream', 'http://127.0.0.1:9'] });
  const { posture } = await postureOf(gate);
  const stateOf = (id: string) => posture.controls.find((control) => control.id === id);
  expect(stateOf('SB20')).toMatchObject({ state: 'failing', detail: expect.stringContaining('nothing can be said') });
  expect(stateOf('SB5')).toMatchObject({ state: 'failing', detail: expect.stringContaining('no ownership') });
});

test('T15: only the platform may run probes over HTTP', async () => {
  const gate = await started({});
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ inviteCode: gate.invite, tokenDelivery: 'body' });
  const login = await fetchPlain(`${gate.url}/auth/login`, { method: 'POST', headers, body });
  const inDefault = { authorization: `Bearer ${String(login['token'])}` };
  const refused = await fetch(`${gate.url}/control/v1/posture`, { method: 'POST', headers: inDefault });
  expect(refused.status).toBe(403);
  const switched = await fetchPlain(`${gate.url}/auth/session`, {
    method: 'POST',
    headers: { ...headers, ...inDefault },
    body: JSON.stringify({ tenant: 'system' }),
  });
  const answer = await fetch(`${gate.url}/control/v1/posture`, {
    method: 'POST',
    headers: { authorization: `Bearer ${String(switched['token'])}` },
  });
  expect(answer.status).toBe(200);
  expect(Posture.parse(await answer.json()).controls).toHaveLength(CLAIMS.length);
});

async function fetchPlain(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(url, init);
  expect(answer.status).toBe(200);
  // The gate answers with JSON objects.
  return (await answer.json()) as Record<string, unknown>;
}
