import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, type GateClient, gateClient } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';

const ORIGIN = 'https://app.example.com';
const KEYS = mkdtempSync(join(tmpdir(), 'sg-kek-'));

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let firstInvite: string;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  const keyFile = join(KEYS, 'kek');
  writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  const config = echoConfig(upstream.url, {
    environment: 'production',
    listen: { host: '127.0.0.1', port: 0, origins: [ORIGIN] },
    tls: { terminatedBy: 'nginx' },
    trustedProxies: ['127.0.0.1'],
    secrets: { keyEncryptionKey: `\${file:${keyFile}}` },
  });
  gate = await startGate({ config });
  client = gateClient(gate);
  firstInvite = readFileSync(join(gate.dataDir, 'first-invite'), 'utf8').trim();
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
  rmSync(KEYS, { recursive: true, force: true });
});

/** As nginx hands it on. */
function send(path: string, sent: Parameters<GateClient['send']>[1] = {}): Promise<Answer> {
  const fields = [
    ['host', 'app.example.com'],
    ['x-forwarded-for', '192.0.2.7'],
    ['x-forwarded-proto', 'https'],
  ] as const;
  return client.send(path, { ...sent, headers: [...fields, ...(sent.headers ?? [])] });
}

describe('in production', () => {
  test('T17: the first invite is in a file of its owner only, and printed nowhere', () => {
    expect(firstInvite).toMatch(/^SB-ADMIN-[2-9A-Z]{8}$/);
    expect(statSync(join(gate.dataDir, 'first-invite')).mode & 0o777).toBe(0o600);
    expect(gate.invite).toBeNull();
    expect([...gate.lines, gate.stderr()].join('\n')).not.toContain(firstInvite);
  });

  test('AU2, T16: cookies are __Host-, Secure, HttpOnly and SameSite=Strict, and no others count', async () => {
    const answer = await send('/auth/login', {
      method: 'POST',
      headers: [['origin', ORIGIN]],
      body: { inviteCode: firstInvite },
    });
    expect(answer.status).toBe(200);
    expect([...answer.cookies.keys()]).toEqual(['__Host-token', '__Host-refresh']);
    for (const field of answer.setCookie) {
      expect(field).toMatch(/^__Host-(token|refresh)=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=\d+$/);
    }
    const token = answer.cookies.get('__Host-token');
    const refresh = answer.cookies.get('__Host-refresh');
    const withCookie = (cookie: string) => send('/x', { headers: [['cookie', cookie]] });
    expect((await withCookie(`__Host-token=${token}`)).status).toBe(200);
    for (const cookie of [`token=${token}`, `refresh=${refresh}`, `__host-token=${token}`, `__Secure-token=${token}`]) {
      expect((await withCookie(cookie)).status).toBe(401);
    }
    // A cookie that a neighbouring host planted changes nothing.
    expect((await withCookie(`token=planted; __Host-token=${token}`)).status).toBe(200);

    const renewed = await withCookie(`__Host-refresh=${refresh}`);
    expect(renewed.setCookie).toEqual([expect.stringMatching(/^__Host-token=[^;]+;.*; Secure;/)]);
    expect(renewed.headers['strict-transport-security']).toMatch(/^max-age=/);
    const { body } = await withCookie(`a=1; __Host-token=${token}; __Host-refresh=${refresh}; token=planted`);
    expect(body['headers']).toMatchObject({ cookie: 'a=1' });
  });

  test('T20: log-in from another origin is refused, that of the connection behind the proxy included', async () => {
    for (const origin of ['http://app.example.com', gate.url, 'https://app.example.com:8443', 'https://example.com']) {
      const sent = {
        method: 'POST',
        headers: [['origin', origin] as const],
        body: { inviteCode: 'SB-ADMIN-22222222' },
      };
      expect((await send('/auth/login', sent)).status).toBe(403);
    }
  });

  test('T16: another Host is refused', async () => {
    const sent = { method: 'POST', headers: [['host', 'evil.example'] as const], body: { inviteCode: 'x' } };
    expect((await client.send('/auth/login', sent)).status).toBe(400);
  });
});

test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
  expect(client.secrets.size).toBeGreaterThan(2);
  expect(await client.leaks()).toEqual([]);
});
