import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, NOBODY, signInMany } from './support/people.ts';
import {
  type Handler,
  jsonAnswer,
  plainAnswer,
  type RecordingUpstream,
  startRecordingUpstream,
  valuesOf,
} from './support/recording-upstream.ts';
import { fieldsOf, requestText, sendBytes, type WireAnswer } from './support/wire.ts';

const SECRET = 'voice_"key/+\\0123456789abcdef';
const PAGE = 'https://page.example';
const SECURITY = [
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'x-permitted-cross-domain-policies',
];

let app: RecordingUpstream;
let gate: RunningGate;
let behindProxy: RunningGate;
let callers: readonly Caller[] = [];

const config = (more: object) => ({
  environment: 'development',
  upstreams: { app: { url: app.url }, gone: { url: 'http://127.0.0.1:9' } },
  roles: { member: { permissions: ['app:*'] } },
  routes: [
    { path: '/api/**', upstream: 'app', access: 'session', permission: 'app:read' },
    {
      path: '/limited',
      upstream: 'app',
      access: 'session',
      permission: 'app:read',
      limits: [{ per: 'principal', rate: '3/1h' }],
    },
    { path: '/per-address', upstream: 'app', access: 'public', limits: [{ per: 'address', rate: '3/1h' }] },
    { path: '/open/**', upstream: 'app', access: 'public', bodyMax: '1KiB' },
    { path: '/gone/**', upstream: 'gone', access: 'public' },
  ],
  ...more,
});

beforeAll(async () => {
  app = await startRecordingUpstream();
  gate = await startGate({
    config: config({
      limits: { general: '100000/1m', credentials: '100000/1m' },
      blocks: { mode: 'off' },
      guards: { cors: { origins: [PAGE], credentials: true }, sensitivePaths: ['/private/**'] },
      secrets: { scrub: [SECRET] },
    }),
  });
  behindProxy = await startGate({
    config: config({
      trustedProxies: ['127.0.0.1/32', '10.0.0.0/8'],
      limits: { general: '100000/1m' },
      guards: {
        addresses: {
          deny: ['203.0.113.0/24', '2001:db8:bad::/48'],
          allow: ['198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'],
        },
      },
    }),
  });
  callers = await signInMany(gate, 'member', 3);
}, 60_000);
beforeEach(() => {
  app.forget();
  app.answerWith(plainAnswer);
});
afterAll(async () => {
  await Promise.all([gate.stop(), behindProxy.stop()]);
  await app.close();
});

const caller = (at = 0): Caller => callers[at] ?? NOBODY;
function ask(path: string, lines: readonly string[] = [], method = 'GET', body = ''): Promise<WireAnswer> {
  return sendBytes(gate.port, requestText(method, path, lines, body));
}
const askApi = (lines: readonly string[] = [], method = 'GET') => ask('/api/x', [caller().line, ...lines], method);

describe('SB9: security headers stand on every answer, each once', () => {
  const html: Handler = (_seen, response) =>
    response.writeHead(200, { 'content-type': 'text/html', 'x-frame-options': 'SAMEORIGIN' }).end('<p>');
  const twice: Handler = (_seen, response) =>
    response
      .writeHead(200, [
        'X-Content-Type-Options',
        'x',
        'x-content-type-options',
        'y',
        'Referrer-Policy',
        'unsafe-url',
        'X-Frame-Options',
        'a',
        'X-FRAME-OPTIONS',
        'b',
      ])
      .end('x');
  const CLASSES: readonly (readonly [string, () => Promise<WireAnswer>, number])[] = [
    ['200 of the application', () => askApi(), 200],
    ['its page', () => (app.answerWith(html), askApi()), 200],
    ['its own security headers', () => (app.answerWith(twice), askApi()), 200],
    ['204', () => (app.answerWith((_seen, response) => response.writeHead(204).end()), askApi()), 204],
    ['301', () => (app.answerWith(jsonAnswer(301, '', { location: '/x' })), askApi()), 301],
    ['404 of the application', () => (app.answerWith(jsonAnswer(404, '{}')), askApi()), 404],
    ['500 of the application', () => (app.answerWith(jsonAnswer(500, '{}')), askApi()), 500],
    ['HEAD', () => askApi([], 'HEAD'), 200],
    [
      'event stream',
      () => (
        app.answerWith((_seen, response) =>
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n'),
        ),
        askApi()
      ),
      200,
    ],
    ['400', () => ask('/x%2fy'), 400],
    ['400 of the parser', () => sendBytes(gate.port, 'GET / HTTP/1.1\nX\n\n'), 400],
    ['401', () => ask('/api/x'), 401],
    ['303 to the log-in', () => ask('/api/x', ['Accept: text/html']), 303],
    ['403', () => ask('/open/.git/config'), 403],
    ['404 without a route', () => ask('/nothing'), 404],
    ['405', () => sendBytes(gate.port, requestText('TRACE', '/api/x')), 405],
    ['413', () => ask('/open/x', ['Content-Length: 9999'], 'POST'), 413],
    ['414', () => ask(`/${'a'.repeat(9000)}`), 414],
    ['431', () => ask('/', [`X: ${'a'.repeat(17_000)}`]), 431],
    ['OPTIONS', () => ask('/api/x', [], 'OPTIONS'), 204],
    ['502', () => ask('/gone/x'), 502],
    ['health', () => ask('/health/live'), 200],
    ['keys', () => ask('/.well-known/jwks.json'), 200],
    ['log-in page', () => ask('/auth/login'), 200],
    ['control plane', () => ask('/auth/session', [caller().line]), 200],
    ['404 of the control plane', () => ask('/control/v1/nothing'), 404],
    ['its 401', () => ask('/control/v1/users'), 401],
    ['its 403', () => ask('/control/v1/users', [caller().line]), 403],
    [
      'a failed log-in',
      () => ask('/auth/login', ['Content-Type: application/json'], 'POST', '{"inviteCode":"SB-ADMIN-AAAAAAAA"}'),
      401,
    ],
    ['a log-in that is no JSON', () => ask('/auth/login', ['Content-Type: text/plain'], 'POST', '{}'), 415],
    ['script of the log-in page', () => ask('/auth/login.js'), 200],
  ];

  test.each(CLASSES)('%s', async (_name, answerOf, status) => {
    const answer = await answerOf();
    expect(answer.status).toBe(status);
    for (const name of SECURITY) expect(fieldsOf(answer, name), `field ${name}`).toHaveLength(1);
    expect(fieldsOf(answer, 'x-request-id')).toHaveLength(1);
    expect(fieldsOf(answer, 'content-security-policy')[0]).toContain('frame-ancestors');
    expect(fieldsOf(answer, 'x-content-type-options')).toEqual(['nosniff']);
    // Plain HTTP: there it would mean nothing.
    expect(fieldsOf(answer, 'strict-transport-security')).toEqual([]);
    if (status >= 400) expect(fieldsOf(answer, 'cache-control')[0]).toContain('no-store');
    // WK10: nothing of the inside.
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d|ECONN|stack|undici|fastify/i);
  });

  test('WK10: problems are problems, and 404s without a route, of the gate and of a denied object look alike', async () => {
    const { body, fields } = await ask('/nothing');
    expect(JSON.parse(body)).toEqual({
      type: 'urn:steadygate:problem:not-found',
      title: 'Not found',
      status: 404,
      code: 'not-found',
      requestId: expect.any(String),
    });
    expect(fields).toContainEqual(['content-type', 'application/problem+json']);
  });

  test('tokens in an answer are stored by nobody', async () => {
    const { invite } = await gate.operator('invite', 'create', '--role', 'member');
    const answer = await ask(
      '/auth/login',
      ['Content-Type: application/json'],
      'POST',
      JSON.stringify({ inviteCode: invite, tokenDelivery: 'body' }),
    );
    expect(answer.status).toBe(200);
    expect(fieldsOf(answer, 'cache-control')[0]).toContain('no-store');
  });
});

describe('SB18 T8: a secret never arrives', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const json = JSON.stringify(SECRET).slice(1, -1);
  const unicode = SECRET.replaceAll(/./g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const percent = SECRET.replaceAll(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  const FORMS: readonly string[] = [
    SECRET,
    json,
    unicode,
    unicode.toUpperCase().replaceAll('\\U', '\\u'),
    json.replace('/', '\\/'),
    encodeURIComponent(SECRET),
    percent,
    encodeURIComponent(SECRET).toLowerCase(),
    base64(SECRET),
    base64(`x${SECRET}`).slice(2),
    base64(`xy${SECRET}y`).slice(3),
    Buffer.from(`{"k":"${SECRET}"}`).toString('base64url'),
    json.replace('v', '\\u0076'),
  ];
  /** What of an answer is left of the secret, in any form. */
  function expectClean({ text }: WireAnswer): void {
    for (const form of FORMS) expect(text).not.toContain(form);
    expect(text).not.toMatch(/0123456789abcdef|MDEyMzQ1Njc4OWFiY2RlZ|AxMjM0NTY3ODlhYmNkZW|wMTIzNDU2Nzg5YWJjZGVm/);
  }

  test.each(FORMS)('as %s: in a body, a field, a reason, an error, a page', async (form) => {
    const handlers: readonly Handler[] = [
      jsonAnswer(200, `{"before":1,"key":"${form}","after":2}`),
      jsonAnswer(500, `{"error":"bad key ${form}"}`),
      jsonAnswer(401, `{"error":"${form}${form}"}`),
      (_seen, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<script>k="${form}"</script>`),
      (_seen, response) =>
        response
          .writeHead(200, { 'x-key': form, etag: `"${form}"`, location: `/x?k=${form}`, 'set-cookie': `k=${form}` })
          .end('ok'),
      (_seen, response) => response.writeHead(200, `OK ${form}`).end('ok'),
    ];
    for (const handler of handlers) {
      app.answerWith(handler);
      const answer = await askApi();
      expect([200, 401, 500, 502]).toContain(answer.status);
      expectClean(answer);
    }
  });

  test('cut at every place, over chunks and events', async () => {
    for (const form of [SECRET, json, base64(SECRET)]) {
      for (let cut = 1; cut < form.length; cut += 3) {
        app.answerWith((_seen, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(`data: ${form.slice(0, cut)}`);
          setImmediate(() => response.end(`${form.slice(cut)}\n\ndata: end\n\n`));
        });
        const answer = await askApi();
        expectClean(answer);
        expect(answer.body).toContain('data: end');
      }
    }
  });

  test('what is no secret arrives whole', async () => {
    const text = JSON.stringify({ voice: 'voice_', key: 'voice_"key', more: 'x'.repeat(100_000) });
    app.answerWith(jsonAnswer(200, text));
    expect((await askApi()).body).toBe(text);
  });

  test('the application is asked for the whole plain representation', async () => {
    await askApi([
      'Accept-Encoding: gzip, br',
      'Range: bytes=0-9',
      'If-Range: "x"',
      'If-None-Match: "x"',
      'If-Modified-Since: Sun, 22 Nov 2026 00:00:00 GMT',
      'TE: trailers',
      'A-IM: vcdiff',
    ]);
    const [seen] = app.seen;
    expect(valuesOf(seen, 'accept-encoding')).toEqual(['identity']);
    for (const name of ['range', 'if-range', 'if-none-match', 'if-modified-since', 'te', 'a-im'])
      expect(valuesOf(seen, name)).toEqual([]);
  });

  test.each<readonly [string, Handler]>([
    ['gzip', (_seen, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(SECRET))],
    ['GZIP', (_seen, response) => response.writeHead(200, { 'content-encoding': 'GZIP' }).end(gzipSync(SECRET))],
    [
      'two codings',
      (_seen, response) =>
        response.writeHead(200, ['Content-Encoding', 'identity', 'Content-Encoding', 'gzip']).end(gzipSync(SECRET)),
    ],
    [
      'a coding in a list',
      (_seen, response) => response.writeHead(200, { 'content-encoding': 'identity, gzip' }).end(gzipSync(SECRET)),
    ],
    [
      'a part',
      (_seen, response) => response.writeHead(206, { 'content-range': 'bytes 0-5/9' }).end(SECRET.slice(0, 6)),
    ],
    ['nothing new', (_seen, response) => response.writeHead(304).end()],
  ])('T8: an application that answers with %s all the same is not heard', async (_name, handler) => {
    app.answerWith(handler);
    const answer = await askApi();
    expect(answer.status).toBe(502);
    expectClean(answer);
  });
});

describe('SB6: limits', () => {
  test('count per principal, say what is left, and when to come back', async () => {
    const answers: WireAnswer[] = [];
    for (let at = 0; at < 4; at += 1) answers.push(await ask('/limited', [caller(1).line]));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map((answer) => fieldsOf(answer, 'x-ratelimit-remaining')[0])).toEqual(['2', '1', '0', '0']);
    const [first, , , last] = answers;
    if (first === undefined || last === undefined) throw new Error('no answers');
    expect(fieldsOf(first, 'ratelimit-policy')).toEqual(['"principal";q=3;w=3600']);
    expect(fieldsOf(first, 'ratelimit')[0]).toMatch(/^"principal";r=2;t=\d+$/);
    const retryAfter = Number(fieldsOf(last, 'retry-after')[0]);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(1200);
    expect(JSON.parse(last.body)).toMatchObject({ code: 'rate-limited', limit: { name: 'principal', rate: '3/1h' } });
    expect((await ask('/limited', [caller(2).line])).status).toBe(200);
    expect(app.seen).toHaveLength(4);
  });

  test('count per address, an IPv6 network as one, whatever the port or the spelling', async () => {
    const from = (address: string) =>
      sendBytes(behindProxy.port, requestText('GET', '/per-address', [`X-Forwarded-For: ${address}`]));
    const one = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:0DB8:0001:0002:0:0:0:7', '[2001:db8:1:2::1]:443'];
    const statuses: number[] = [];
    for (const address of one) statuses.push((await from(address)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await from('2001:db8:1:3::1')).status).toBe(200);
    expect((await from('198.51.100.1')).status).toBe(200);
    expect((await from('198.51.100.2')).status).toBe(200);
  });

  test('T13: a flood of 429s blocks nobody', async () => {
    for (let at = 0; at < 30; at += 1) await ask('/limited', [caller(1).line]);
    expect((await ask('/api/x', [caller(1).line])).status).toBe(200);
  });
});

describe('WK14: address lists', () => {
  const statusFrom = async (...lines: readonly string[]) =>
    (await sendBytes(behindProxy.port, requestText('GET', '/open/x', lines))).status;

  test.each<readonly [string, number]>([
    ['198.51.100.7', 200],
    ['203.0.113.7', 403],
    ['192.0.2.1', 403],
    ['2001:db8::1', 200],
    ['2001:db8:bad::1', 403],
    ['::ffff:203.0.113.7', 403],
    ['::ffff:198.51.100.7', 200],
    // Read from the right: what a client wrote itself stands on the left and counts for nothing.
    ['198.51.100.7, 203.0.113.7', 403],
    ['203.0.113.7, 198.51.100.7', 200],
    ['198.51.100.7, 203.0.113.7, 10.1.2.3', 403],
    ['10.1.2.3, 198.51.100.7', 200],
    ['198.51.100.7, 10.0.0.1, 10.0.0.2', 200],
  ])('X-Forwarded-For: %s is answered with %d', async (value, status) => {
    expect(await statusFrom(`X-Forwarded-For: ${value}`)).toBe(status);
  });

  test.each([
    '198.51.100.7, unknown',
    '198.51.100.7, 203.0.113.7x',
    '198.51.100.7,,',
    '0198.51.100.7',
    '198.51.100',
    '198.51.100.7%00',
  ])('what cannot be read lets nobody in: %s', async (value) => {
    expect([400, 403]).toContain(await statusFrom(`X-Forwarded-For: ${value}`));
  });

  test('the proxy alone is nobody who may call, and other fields say nothing', async () => {
    for (const name of ['X-Real-IP', 'True-Client-IP', 'CF-Connecting-IP', 'X-Client-IP', 'X_Forwarded_For']) {
      expect([400, 403]).toContain(await statusFrom(`${name}: 198.51.100.7`));
    }
    // Two fields are one list: the last of the second counts.
    expect(await statusFrom('X-Forwarded-For: 203.0.113.7', 'X-Forwarded-For: 198.51.100.7')).toBe(200);
    expect(await statusFrom('X-Forwarded-For: 198.51.100.7', 'X-Forwarded-For: 203.0.113.7')).toBe(403);
  });

  test('without trusted proxies nobody is believed, and the forgery is told', async () => {
    expect((await ask('/open/x', ['X-Forwarded-For: 198.51.100.7'])).status).toBe(200);
    expect(valuesOf(app.seen[0], 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(gate.lines.some((line) => line.includes('"alert":"forwarding-forged"'))).toBe(true);
  });
});

describe('SB8 WK8: other origins', () => {
  test('a listed one may read, with credentials; the answer varies by origin', async () => {
    const answer = await askApi([`Origin: ${PAGE}`]);
    expect(fieldsOf(answer, 'access-control-allow-origin')).toEqual([PAGE]);
    expect(fieldsOf(answer, 'access-control-allow-credentials')).toEqual(['true']);
    expect(fieldsOf(answer, 'vary').join()).toMatch(/origin/i);
    const refused = await ask('/api/x', [`Origin: ${PAGE}`]);
    expect(refused.status).toBe(401);
    expect(fieldsOf(refused, 'access-control-allow-origin')).toEqual([PAGE]);
  });

  test.each([
    'https://evil.example',
    'http://page.example',
    'https://page.example.evil.example',
    'https://page.example:443',
    'https://PAGE.example',
    'https://page.example/',
    'null',
    '*',
    'https://evil.example/https://page.example',
    `${PAGE}, https://evil.example`,
  ])('the unlisted %s gets no CORS field', async (origin) => {
    for (const answer of [
      await askApi([`Origin: ${origin}`]),
      await ask('/api/x', [`Origin: ${origin}`, 'Access-Control-Request-Method: POST'], 'OPTIONS'),
    ]) {
      expect(answer.fields.filter(([name]) => name.startsWith('access-control'))).toEqual([]);
      expect(fieldsOf(answer, 'vary').join()).toMatch(/origin/i);
    }
  });

  test('a preflight ends at the gate', async () => {
    const answer = await ask(
      '/api/x',
      [`Origin: ${PAGE}`, 'Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: x-csrf-token'],
      'OPTIONS',
    );
    expect(answer.status).toBe(204);
    expect(fieldsOf(answer, 'access-control-allow-origin')).toEqual([PAGE]);
    expect(fieldsOf(answer, 'access-control-allow-methods')[0]).toContain('PUT');
    expect(fieldsOf(answer, 'access-control-allow-headers')[0]).toContain('x-csrf-token');
    expect(app.seen).toEqual([]);
  });

  test('where no origin is configured, none may read', async () => {
    const answer = await sendBytes(
      behindProxy.port,
      requestText('GET', '/open/x', ['X-Forwarded-For: 198.51.100.7', `Origin: ${PAGE}`]),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/access-control/i);
  });
});

describe('SB14: sensitive paths', () => {
  test.each([
    '/.git/config',
    '/open/.git/HEAD',
    '/.GIT/config',
    '/%2egit/config',
    '/open/.git;x/config',
    '/open/.git%20/config',
    '/.env',
    '/open/.env.backup',
    '/.env.production',
    '/open/db.sql',
    '/open/dump.sql.gz',
    '/open/config.php.bak',
    '/open/config~',
    '/open/id_rsa',
    '/open/server.key',
    '/open/.htpasswd',
    '/open/.aws/credentials',
    '/open/.DS_Store',
    '/open/x.BAK',
    '/open/%EF%BC%8Egit/config',
    '/private/x',
    '/PRIVATE/x',
    '/private;x/y',
  ])('%s is never served', async (target) => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      expect([400, 403, 404]).toContain((await ask(target, [caller().line], method)).status);
    }
    expect(app.seen).toEqual([]);
  });

  test.each(['/open/git', '/open/environment', '/open/keys', '/open/sqlite-notes', '/open/a.backup.txt'])(
    '%s is',
    async (target) => {
      expect((await ask(target)).status).toBe(200);
    },
  );
});

describe('WK13: bodies', () => {
  test('are bounded, declared or not; what fits passes', async () => {
    const chunked = (size: number) => {
      const body = `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n0\r\n\r\n`;
      const head = requestText('POST', '/open/x', ['Transfer-Encoding: chunked']);
      return sendBytes(gate.port, head + body);
    };
    expect((await ask('/open/x', [], 'POST', 'a'.repeat(1024))).status).toBe(200);
    expect((await chunked(1024)).status).toBe(200);
    const passed = app.seen.length;
    expect((await ask('/open/x', [], 'POST', 'a'.repeat(1025))).status).toBe(413);
    expect((await chunked(1025)).status).toBe(413);
    expect(app.seen).toHaveLength(passed);
  });
});

test('WK10: none of this was a bug', () => {
  expect(gate.lines.filter((line) => line.includes('"code":"internal"'))).toEqual([]);
});
