import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { type RunningGate, startGate } from './support/gate.ts';
import { openSocket } from './support/gate-streams.ts';
import { ownCa } from './support/own-ca.ts';
import { signInMany } from './support/people.ts';
import { platformCaller } from './support/platform.ts';
import { startTarget, type TargetProcess } from './support/target-process.ts';

let gate: RunningGate;
afterEach(async () => {
  await gate.stop();
});

const LIMITS = { general: '100000/1m', credentials: '100000/1m', refresh: '100000/1m' };
const permission = { read: 'app:read', write: 'app:write' };

describe('targets of one upstream', () => {
  let a: TargetProcess;
  let b: TargetProcess;

  beforeAll(async () => {
    [a, b] = await Promise.all([startTarget('a'), startTarget('b')]);
  });
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
  });

  const start = async (): Promise<void> => {
    gate = await startGate({
      config: {
        environment: 'development',
        upstreams: { app: { targets: [{ url: a.url }, { url: b.url }], health: { path: '/health', every: '100ms' } } },
        roles: { member: { permissions: ['app:*'], invitePrefix: 'SB-MEMBER-' } },
        routes: [{ path: '/api/**', upstream: 'app', permission }],
        ownership: [
          {
            resource: 'thing',
            idPattern: '[a-z]-[0-9]+',
            creates: { 'POST /api/things': '$.id' },
            guards: ['/api/things/{id}/**'],
            unowned: { 'GET /api/x': 'tells what it was sent' },
          },
        ],
        limits: LIMITS,
      },
    });
  };

  it('are told who calls in the name of the upstream, whichever of them it is', async () => {
    await start();
    const [member] = await signInMany(gate, 'member', 1);
    const told = await Promise.all(
      [0, 1].map(async () => {
        const answer = await fetch(`${gate.url}/api/x`, { headers: { authorization: `Bearer ${member?.token}` } });
        return JSON.parse(await answer.text());
      }),
    );
    expect(new Set(told.map(({ name }) => name))).toEqual(new Set(['a', 'b']));
    expect(told.map(({ headers }) => decodeJwt(headers['x-steadygate-assertion']).aud)).toEqual(['app', 'app']);
    // Each gets its own name.
    expect(new Set(told.map(({ headers }) => `http://${headers.host}`))).toEqual(new Set([a.url, b.url]));
  });

  it('hold the objects of the upstream: what one of them made has its owner on the other', async () => {
    await start();
    const [owner, other] = await signInMany(gate, 'member', 2);
    const authorization = `Bearer ${owner?.token}`;
    const made = await fetch(`${gate.url}/api/things`, { method: 'POST', headers: { authorization } });
    const { id } = JSON.parse(await made.text());
    const names = new Set<string>();
    for (let count = 0; count < 4; count += 1) {
      const answer = await fetch(`${gate.url}/api/things/${id}`, { headers: { authorization } });
      expect(answer.status).toBe(200);
      names.add(JSON.parse(await answer.text()).name);
      const refused = await fetch(`${gate.url}/api/things/${id}`, {
        headers: { authorization: `Bearer ${other?.token}` },
      });
      expect(refused.status).toBe(404);
    }
    expect(names).toEqual(new Set(['a', 'b']));
  });

  it('T15: are shown to the platform, and to no administrator of a tenant', async () => {
    await start();
    const inSystem = await platformCaller(gate);
    const [admin] = await signInMany(gate, 'admin', 1);
    const inDefault = { authorization: `Bearer ${admin?.token}` };
    const url = `${gate.url}/control/v1/upstreams`;
    expect([(await fetch(url)).status, (await fetch(url, { headers: inDefault })).status]).toEqual([401, 403]);
    const shown = await fetch(url, { headers: inSystem });
    expect([shown.status, JSON.parse(await shown.text())]).toMatchObject([
      200,
      { upstreams: [{ name: 'app', breaker: null, targets: [{ url: a.url, state: 'up' }, { url: b.url }] }] },
    ]);
  });
});

describe('over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg-targets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('targets that are listed by address show certificates for the upstream’s `host`; another name is refused', async () => {
    const ca = await ownCa(folder);
    const { certFile, keyFile } = await ca.issue('app', ['DNS:app.internal']);
    const hosts: (string | undefined)[] = [];
    const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (incoming, response) => {
      hosts.push(incoming.headers.host);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const sockets = new WebSocketServer({ server });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // Bound to a TCP port, so the address is one.
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const health = { path: '/health', every: '100ms', unhealthyAfter: 1 };
    gate = await startGate({
      env: { NODE_EXTRA_CA_CERTS: ca.caFile },
      config: {
        environment: 'development',
        upstreams: {
          named: { targets: [{ url }], host: 'app.internal', health },
          other: { targets: [{ url }], host: 'other.internal', health },
          bare: { url },
        },
        routes: [
          { path: '/ws', upstream: 'named', access: 'public', websocket: true },
          ...['named', 'other', 'bare'].map((name) => ({ path: `/${name}/**`, upstream: name, access: 'public' })),
        ],
        limits: LIMITS,
      },
    });
    const statuses = await Promise.all(
      ['named', 'other', 'bare'].map(async (name) => (await fetch(`${gate.url}/${name}/x`)).status),
    );
    expect(statuses).toEqual([200, 502, 502]);
    (await openSocket(gate, {})).close();
    expect(new Set(hosts)).toEqual(new Set(['app.internal']));
    const inSystem = await platformCaller(gate);
    const shown = await fetch(`${gate.url}/control/v1/upstreams`, { headers: inSystem });
    const { upstreams } = JSON.parse(await shown.text());
    expect(upstreams.map(({ targets }: { targets: { state: string }[] }) => targets[0]?.state)).toEqual([
      'up',
      'down',
      'up',
    ]);
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
});
