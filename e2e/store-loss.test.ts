import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGate } from './support/gate.ts';
import { startGate } from './support/gate.ts';
import type { Caller } from './support/people.ts';
import { signIn } from './support/people.ts';
import type { RecordingUpstream } from './support/recording-upstream.ts';
import { jsonAnswer, startRecordingUpstream } from './support/recording-upstream.ts';
import { until } from './support/until.ts';

const JOURNALS = ['', '-wal', '-shm'];

let upstream: RecordingUpstream;
let gate: RunningGate;
let dataDir: string;
let admin: Caller;
let chatId: string;

beforeAll(async () => {
  upstream = await startRecordingUpstream((seen, response, incoming) => {
    jsonAnswer(seen.method === 'POST' ? 201 : 200, `{"id":"${randomUUID()}"}`)(seen, response, incoming);
  });
});

afterAll(async () => {
  await upstream?.close();
});

afterEach(async () => {
  await gate?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const config = () => ({
  environment: 'development',
  upstreams: { app: { url: upstream.url }, open: { url: upstream.url } },
  routes: [
    { path: '/open/**', upstream: 'open', access: 'public' },
    { path: '/api/**', upstream: 'app', permission: { read: 'app:read', write: 'app:write' } },
    { path: '/plain/**', upstream: 'open', permission: { read: 'app:read', write: 'app:write' } },
  ],
  ownership: [
    {
      resource: 'chat',
      upstream: 'app',
      idPattern: '[0-9a-f-]{36}',
      creates: { 'POST /api/chats': '$.id' },
      guards: ['/api/chats/{id}/**'],
    },
  ],
});

async function start(): Promise<void> {
  dataDir = mkdtempSync(join(tmpdir(), 'sg-'));
  gate = await startGate({ config: config(), dataDir });
  admin = await signIn(gate, String(gate.invite));
  const made = await ask('POST /api/chats', {});
  chatId = String(made.json['id']);
  expect(made.status).toBe(201);
  expect((await ask(`GET /api/chats/${chatId}`)).status).toBe(200);
}

async function ask(line: string, body?: unknown, token: string | undefined = admin.token) {
  const [method = '', path = ''] = line.split(' ');
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token !== '') headers['authorization'] = `Bearer ${token}`;
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(gate.url + path, { method, headers, ...init });
  const text = await response.text();
  const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, json };
}

const unavailable = { status: 503, json: expect.objectContaining({ code: 'unavailable' }) };

/** What needs the store is refused, and nothing is let through instead. */
async function expectRefusals(): Promise<void> {
  const stranger = { inviteCode: 'SB-ADMIN-AAAAAAAA', tokenDelivery: 'body' };
  expect(await ask('POST /auth/login', stranger, '')).toEqual(unavailable);
  expect(await ask('POST /auth/refresh', { refreshToken: admin.refreshToken }, '')).toEqual(unavailable);
  expect(await ask('POST /control/v1/invites', { role: 'viewer' })).toEqual(unavailable);
  expect(await ask('GET /control/v1/users')).toEqual(unavailable);
  expect(await ask('POST /auth/logout')).toEqual(unavailable);
  // The answer that told of a new object is withheld: nobody would own it (T4).
  expect(await ask('POST /api/chats', {})).toEqual(unavailable);
  upstream.forget();
  const unknown = await ask(`GET /api/chats/${randomUUID()}`);
  expect(unknown).toEqual(unavailable);
  expect(upstream.seen).toEqual([]);
}

describe('T11: the store is lost at run time', () => {
  it.each<[string, () => void]>([
    ['deleted', () => JOURNALS.forEach((suffix) => rmSync(join(dataDir, `steadygate.db${suffix}`), { force: true }))],
    [
      'replaced',
      () => {
        renameSync(join(dataDir, 'steadygate.db'), join(dataDir, 'elsewhere.db'));
        writeFileSync(join(dataDir, 'steadygate.db'), '');
      },
    ],
  ])('%s: unready, what needs it is 503, cached reads go on for seconds, public routes on', async (_what, lose) => {
    await start();
    expect((await ask('GET /health/ready', undefined, '')).status).toBe(200);
    lose();
    await until('the gate is unready', async () => {
      return (await ask('GET /health/ready', undefined, '')).status === 503 ? true : undefined;
    });
    const lostAtMs = Date.now();
    await expectRefusals();
    // Verified a moment ago, owned for certain: good for reading.
    expect((await ask(`GET /api/chats/${chatId}`)).status).toBe(200);
    expect((await ask('GET /plain/x')).status).toBe(200);

    await until('writes are refused', async () => {
      return (await ask('POST /plain/x', {})).status === 503 ? true : undefined;
    });
    expect(Date.now() - lostAtMs).toBeGreaterThan(3_000);
    expect((await ask('GET /plain/x')).status).toBe(200);
    expect(await ask('GET /auth/session')).toEqual(unavailable);
    expect((await ask('GET /open/x', undefined, '')).status).toBe(200);
    expect((await ask('GET /health/live', undefined, '')).status).toBe(200);
    expect(gate.lines.filter((line) => line.includes('the store was lost'))).toHaveLength(1);
  });

  it('moved away and back: a restart serves as before', async () => {
    await start();
    renameSync(join(dataDir, 'steadygate.db'), join(dataDir, 'elsewhere.db'));
    await until('the gate is unready', async () => {
      return (await ask('GET /health/ready', undefined, '')).status === 503 ? true : undefined;
    });
    renameSync(join(dataDir, 'elsewhere.db'), join(dataDir, 'steadygate.db'));
    expect(await gate.stop()).toBe(0);
    gate = await startGate({ config: config(), dataDir });
    expect((await ask(`GET /api/chats/${chatId}`)).status).toBe(200);
    expect((await ask('POST /api/chats', {})).status).toBe(201);
  });
});
