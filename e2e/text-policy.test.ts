import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { type RecordingUpstream, startRecordingUpstream } from './support/recording-upstream.ts';

let app: RecordingUpstream;
let gate: RunningGate;

beforeAll(async () => {
  app = await startRecordingUpstream();
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { app: { url: app.url } },
      routes: [
        { path: '/**', access: 'public', limits: 'off' },
        { path: '/short/**', access: 'public', limits: 'off', guards: { text: { charactersMax: 10, urlsMax: 'off' } } },
        { path: '/shadow/**', access: 'public', limits: 'off', guards: { text: { mode: 'shadow' } } },
      ],
      // So many refusals of one address would block it.
      guards: { text: { onExcess: 'refuse' }, waf: {} },
    },
  });
}, 60_000);
beforeEach(() => {
  app.forget();
});
afterAll(async () => {
  await gate.stop();
  await app.close();
});

const SOON = { timeout: 15_000 };
const reached = () => app.seen.length;

function post(body: string | Uint8Array, headers: Record<string, string> = {}, path = '/api'): Promise<Response> {
  // A typed array is a body.
  const init = { method: 'POST', body: body as string, headers: { 'content-type': 'application/json', ...headers } };
  return fetch(`${gate.url}${path}`, init);
}

const URLS = 'a.com, hxxps://b[.]com, пример.рф, www.d.org, e dot com';
const PHONES = '+49 30 901820, (212) 555-0198, 01 23 45 67 89';

describe('WK4: texts are not too long, and valid UTF-8', () => {
  test('the caller learns field and limit, the operator what would let it through', async () => {
    expect((await post(JSON.stringify({ text: '😀'.repeat(8192) }))).status).toBe(200);
    const response = await post(JSON.stringify({ text: '😀'.repeat(8193) }));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'text-refused',
      detail: 'body:$.text may have at most 8192 characters.',
      limit: { name: 'charactersMax', max: 8192, field: 'body:$.text' },
    });
    expect(reached()).toBe(1);
    const requestId = response.headers.get('x-request-id') ?? '';
    await expect
      .poll(() => gate.cli('explain', requestId).then(({ stdout }) => stdout), SOON)
      .toContain('8193 characters');
    expect((await gate.cli('explain', requestId)).stdout).toContain('routes[0].guards.text: { charactersMax: 8193 }');
  });

  test.each([
    ['octets that are no UTF-8', () => Buffer.from('{"a":"\xff"}', 'latin1'), {}],
    ['an overlong form', () => Buffer.from('{"a":"\xc0\xaf"}', 'latin1'), {}],
    ['half a surrogate pair', () => '{"a":"\\ud800"}', {}],
    ['NUL', () => '{"a":"\\u0000"}', {}],
    ['an overlong form in a form', () => 'a=%C0%AF', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['octets in plain text', () => Buffer.from([0xff, 0xfe]), { 'content-type': 'text/plain' }],
    ['octets in gzip', () => gzipSync(Buffer.from([0x22, 0xff, 0x22])), { 'content-encoding': 'gzip' }],
  ])('%s are 400', async (_, body, headers) => {
    const response = await post(body(), headers);
    expect(response.status).toBe(400);
    expect(reached()).toBe(0);
  });

  test('the query is text, too', async () => {
    expect((await fetch(`${gate.url}/api?q=%ED%A0%80`)).status).toBe(400);
    expect((await fetch(`${gate.url}/short/x?q=12345678901`)).status).toBe(422);
    expect((await fetch(`${gate.url}/short/x?q=1234567890`)).status).toBe(200);
    expect(reached()).toBe(1);
  });
});

describe('WK3: at most five web addresses and three telephone numbers', () => {
  test('in all texts of a request together', async () => {
    expect((await post(JSON.stringify({ a: URLS, b: PHONES }))).status).toBe(200);
    const urls = await post(JSON.stringify({ a: URLS, b: 'and f.net' }));
    expect(await urls.json()).toMatchObject({ code: 'text-refused', limit: { name: 'urlsMax', max: 5 } });
    const phones = await post(JSON.stringify({ a: PHONES, b: ['tel 555-0100'] }));
    expect(await phones.json()).toMatchObject({ code: 'text-refused', limit: { name: 'phonesMax', max: 3 } });
    expect(reached()).toBe(1);
  });

  test('a body that two guards read reaches the application as it was sent', async () => {
    const body = gzipSync(JSON.stringify({ text: 'Grüße 😀' }));
    expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(200);
    expect(app.seen.at(-1)?.body).toBe(body.toString('latin1'));
  });

  test('a route may differ, and shadow only records', async () => {
    expect((await post('{"a":"x.io"}', {}, '/short/x')).status).toBe(200);
    const shadow = await post(JSON.stringify({ a: `${URLS} f.net` }), {}, '/shadow/x');
    expect(shadow.status).toBe(200);
    const requestId = shadow.headers.get('x-request-id') ?? '';
    await expect.poll(() => gate.cli('explain', requestId).then(({ stdout }) => stdout), SOON).toContain('urlsMax 5');
  });
});
