import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, NOBODY, signInMany } from './support/people.ts';
import {
  jsonAnswer,
  plainAnswer,
  type RecordingUpstream,
  startRecordingUpstream,
  valuesOf,
} from './support/recording-upstream.ts';
import { fieldsOf, requestText, sendBytes } from './support/wire.ts';

const PROVIDER_KEY = 'provider-key-0123456789';
/** What a forged field holds: it must not reach the application under any name. */
const FORGED = 'forged-by-the-client';

let app: RecordingUpstream;
let other: RecordingUpstream;
let gate: RunningGate;
let caller: Caller = NOBODY;

beforeAll(async () => {
  app = await startRecordingUpstream();
  other = await startRecordingUpstream();
  const permission = { read: 'app:read', write: 'app:write' };
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: {
        app: { url: app.url, injectHeaders: { 'x-provider-key': PROVIDER_KEY } },
        other: { url: other.url, injectHeaders: { 'x-provider-key': PROVIDER_KEY } },
      },
      roles: { member: { permissions: ['app:*'] } },
      routes: [
        { path: '/api/**', upstream: 'app', access: 'session', permission },
        { path: '/bound/**', upstream: 'app', access: 'session', permission, assertion: 'request' },
        { path: '/other/**', upstream: 'other', access: 'session', permission },
        { path: '/open/**', upstream: 'other', access: 'public' },
      ],
      limits: { general: '100000/1m', credentials: '100000/1m' },
    },
  });
  [caller = NOBODY] = await signInMany(gate, 'member', 1);
}, 60_000);
beforeEach(() => {
  app.forget();
  other.forget();
  app.answerWith(plainAnswer);
  other.answerWith(plainAnswer);
});
afterAll(async () => {
  await gate.stop();
  await Promise.all([app.close(), other.close()]);
});

const ask = (lines: readonly string[], path = '/api/x', method = 'GET') =>
  sendBytes(gate.port, requestText(method, path, [caller.line, ...lines]));
const askOpen = (lines: readonly string[]) => sendBytes(gate.port, requestText('GET', '/open/x', lines));
const arrived = (upstream: RecordingUpstream): string =>
  upstream.seen.flatMap(({ rawHeaders }) => rawHeaders).join('\n');

const IDENTITY = [
  'X-Steadygate-User',
  'x-steadygate-user',
  'X-STEADYGATE-USER',
  'x_steadygate_user',
  'X-Steadygate_User',
  'HTTP_X_STEADYGATE_USER',
  'X-Steadygate-Role',
  'X-Steadygate-Tenant',
  'X-Steadygate-Request-Id',
  'X-Steadygate-Assertion',
  'X.Steadygate.Assertion',
  "x'steadygate-user",
  'X-User-Id',
  'x_user_id',
  'HTTP_X_USER_ID',
  'X-User',
  'X-Userid',
  'X-User-Role',
  'X-Username',
  'X-Role',
  'X-Tenant-Id',
  'X-Email',
  'X-Auth-Request-User',
  'X-Auth-Token',
  'X-Authenticated-User',
  'Remote-User',
  'REMOTE_USER',
  'X-Remote-User',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-WebAuth-User',
  'X-Goog-Authenticated-User-Email',
  'X-MS-Client-Principal',
  'X-Amzn-Oidc-Data',
  'Cf-Access-Authenticated-User-Email',
  'Tailscale-User-Login',
  'X-Client-Cert',
  'SSL-Client-S-DN',
  'Impersonate-User',
  'X-Consumer-Username',
  'X-Credential-Identifier',
  'X-Provider-Key',
  'x_provider_key',
  'X-Provider_Key',
  'HTTP_X_PROVIDER_KEY',
];
const OVERRIDES = [
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Original-URI',
  'X-Original-Method',
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
  'X-Host',
  'X-Original-Host',
  'X-Forwarded-Prefix',
  'X-Forwarded-Path',
  'X-Middleware-Subrequest',
  'X-Invoke-Path',
  'X-Matched-Path',
  'X-Request-Id',
  'X-CSRF-Token',
  'Proxy-Authorization',
  'Proxy',
];
const FORWARDING = [
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Server',
  'X-Forwarded-Scheme',
  'X-Forwarded-Ssl',
  'X-Real-IP',
  'Forwarded',
  'True-Client-IP',
  'CF-Connecting-IP',
  'Fastly-Client-IP',
  'X-Client-IP',
  'Client-IP',
  'X-Cluster-Client-Ip',
  'X-Envoy-External-Address',
  'X_Forwarded_For',
  'HTTP_X_FORWARDED_FOR',
  'X-Original-Forwarded-For',
];

describe('T2 T9: nobody speaks in the name of the gate', () => {
  test.each([...IDENTITY, ...OVERRIDES, ...FORWARDING])('%s never reaches the application', async (name) => {
    for (const path of ['/api/x', '/open/x']) {
      const upstream = path === '/open/x' ? other : app;
      const credential = path === '/open/x' ? [] : [caller.line];
      upstream.forget();
      const { status } = await sendBytes(gate.port, requestText('GET', path, [...credential, `${name}: ${FORGED}`]));
      // Some are refused outright; what passes arrives without the field.
      expect([200, 400]).toContain(status);
      expect(upstream.seen).toHaveLength(status === 200 ? 1 : 0);
      expect(arrived(upstream)).not.toContain(FORGED);
    }
  });

  test('all of them at once leave exactly the fields that the gate writes, each once and right', async () => {
    const lines = [...IDENTITY, ...OVERRIDES].map((name) => `${name}: ${FORGED}`);
    const forwarding = FORWARDING.map((name) => `${name}: 198.51.100.7`);
    // 16 KiB and 100 fields are the bounds of a head.
    expect((await ask([...lines, ...forwarding].slice(0, 90))).status).toBe(200);
    const [seen] = app.seen;
    expect(arrived(app)).not.toMatch(/forged|198\.51/);
    expect(valuesOf(seen, 'x-steadygate-user')).toEqual([caller.userId]);
    expect(valuesOf(seen, 'x-steadygate-role')).toEqual(['member']);
    expect(valuesOf(seen, 'x-steadygate-tenant')).toEqual(['default']);
    expect(valuesOf(seen, 'x-provider-key')).toEqual([PROVIDER_KEY]);
    expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(seen, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(seen, 'x-forwarded-host')).toEqual([`127.0.0.1:${gate.port}`]);
    expect(valuesOf(seen, 'host')).toEqual([`127.0.0.1:${app.port}`]);
    const names = seen?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()) ?? [];
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  test.each([
    'close, X-Steadygate-User',
    'close, x-steadygate-assertion, x-provider-key',
    'X-Steadygate-Role, close',
    'close,X-Forwarded-For',
    'close, X-Forwarded-For, X-Forwarded-Proto, X-Steadygate-Tenant, X-Steadygate-Request-Id',
  ])('`Connection: %s` takes nothing of ours away', async (value) => {
    const { status } = await ask([`Connection: ${value}`]);
    expect(status).toBe(200);
    for (const name of ['user', 'role', 'tenant', 'request-id', 'assertion'].map((part) => `x-steadygate-${part}`)) {
      expect(valuesOf(app.seen[0], name)).toHaveLength(1);
    }
    expect(valuesOf(app.seen[0], 'x-provider-key')).toEqual([PROVIDER_KEY]);
    expect(valuesOf(app.seen[0], 'x-forwarded-for')).toEqual(['127.0.0.1']);
  });

  test.each([
    'close, Content-Type',
    'close, Authorization',
    'Host, close',
    'close, Content-Length',
    'cookie',
    'close, @',
  ])('`Connection: %s` is refused or changes nothing of what was judged', async (value) => {
    const { status } = await ask([`Connection: ${value}`, 'Content-Type: text/plain']);
    if (status === 400) expect(app.seen).toEqual([]);
    else expect(valuesOf(app.seen[0], 'content-type')).toEqual(['text/plain']);
  });

  test('hop-by-hop fields, and those that `Connection` names, end here', async () => {
    await ask([
      'Connection: close, X-Mine',
      'X-Mine: 1',
      'Keep-Alive: timeout=9',
      'TE: trailers',
      'Proxy-Connection: x',
      'X-Kept: 1',
    ]);
    const names = app.seen[0]?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()) ?? [];
    expect(names).toContain('x-kept');
    for (const name of ['x-mine', 'te', 'proxy-connection']) expect(names).not.toContain(name);
    expect(valuesOf(app.seen[0], 'keep-alive')).not.toContain('timeout=9');
  });
});

describe('SB20: the assertion', () => {
  async function verified(upstream: RecordingUpstream, audience: string) {
    // RFC 7517 §5; what is not a key set fails to verify.
    const jwks = (await (await fetch(`${gate.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const [token = ''] = valuesOf(upstream.seen.at(-1), 'x-steadygate-assertion');
    return jwtVerify(token, createLocalJWKSet(jwks), {
      audience,
      issuer: 'steadygate',
      typ: 'steadygate-assertion+jwt',
      algorithms: ['EdDSA'],
      requiredClaims: ['exp', 'iat', 'sub'],
    });
  }

  test('verifies against the published keys, names the caller and its one upstream, for a minute', async () => {
    await ask([]);
    const { payload } = await verified(app, 'app');
    expect(payload).toMatchObject({ sub: caller.userId, tid: 'default', role: 'member', aud: 'app' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    await expect(verified(app, 'other')).rejects.toThrow(/aud/);
    await ask([], '/other/x');
    expect((await verified(other, 'other')).payload.aud).toBe('other');
  });

  test('T2: with `assertion: request` it names method, path and request', async () => {
    const answer = await ask([], '/bound/a%20b?c=d', 'POST');
    const { payload } = await verified(app, 'app');
    expect(payload).toMatchObject({ htm: 'POST', htp: '/bound/a%20b', rid: fieldsOf(answer, 'x-request-id')[0] });
  });

  test('it opens nothing at the gate', async () => {
    await ask([]);
    const [token = ''] = valuesOf(app.seen[0], 'x-steadygate-assertion');
    const { status } = await sendBytes(gate.port, requestText('GET', '/api/x', [`Authorization: Bearer ${token}`]));
    expect(status).toBe(401);
  });

  test('on a public route nobody is asserted', async () => {
    await askOpen([]);
    expect(arrived(other)).not.toMatch(/x-steadygate-(?:user|role|tenant|assertion)/i);
    expect(valuesOf(other.seen[0], 'x-steadygate-request-id')).toHaveLength(1);
  });
});

describe('T2: credentials stop here', () => {
  test('neither our token, our cookies nor the CSRF token goes up; foreign cookies do', async () => {
    const cookies = `a=1; token=${caller.token}; refresh=${caller.refreshToken}; b=2; __Host-token=x; TOKEN=y`;
    const { status } = await sendBytes(
      gate.port,
      requestText('POST', '/api/x', [`Cookie: ${cookies}`, `X-CSRF-Token: ${caller.csrfToken}`]),
    );
    expect(status).toBe(200);
    await ask([]);
    expect(arrived(app)).not.toContain(caller.token);
    expect(arrived(app)).not.toContain(caller.refreshToken);
    expect(arrived(app)).not.toContain(caller.csrfToken);
    expect(valuesOf(app.seen[0], 'cookie')).toEqual(['a=1; b=2']);
    expect(valuesOf(app.seen[1], 'authorization')).toEqual([]);
  });

  test('on public routes ours are stripped too, in every scheme', async () => {
    const basic = Buffer.from(`user:${caller.token}`).toString('base64');
    for (const line of [
      caller.line,
      `authorization: bearer   ${caller.token}`,
      `Authorization: Token ${caller.token}`,
      `Authorization: Basic ${basic}`,
      `Authorization: Bearer ${caller.refreshToken}`,
      `Authorization: Bearer ${caller.token.slice(0, -2)}`,
      `Cookie: token=${caller.token}; refresh=${caller.refreshToken}`,
      `X-CSRF-Token: ${caller.csrfToken}`,
    ]) {
      other.forget();
      expect((await askOpen([line])).status).toBe(200);
      expect(valuesOf(other.seen[0], 'authorization')).toEqual([]);
      expect(valuesOf(other.seen[0], 'cookie')).toEqual([]);
      expect(arrived(other)).not.toContain(caller.csrfToken);
    }
  });

  test.each([
    'Basic dXNlcjpwYXNz',
    'Bearer opaque',
    'Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.x',
    'Digest username="u"',
  ])('on public routes a foreign credential passes: %s', async (value) => {
    await askOpen([`Authorization: ${value}`]);
    expect(valuesOf(other.seen[0], 'authorization')).toEqual([value]);
  });

  test("an application's cookies with our names are dropped, its own pass", async () => {
    const setCookie = [
      'token=x',
      'refresh=x; Path=/',
      '__Host-token=x',
      '__host-refresh=x',
      'TOKEN=x',
      ' token=x',
      '=token=x',
      'a=1; HttpOnly',
    ];
    app.answerWith((_seen, response) => response.writeHead(200, { 'set-cookie': setCookie }).end('ok'));
    expect(fieldsOf(await ask([]), 'set-cookie')).toEqual(['a=1; HttpOnly']);
  });

  test('an application cannot speak as the gate to the client', async () => {
    app.answerWith(
      jsonAnswer(200, '{}', {
        'x-request-id': FORGED,
        'x-steadygate-user': FORGED,
        'access-control-allow-origin': '*',
        'access-control-allow-credentials': 'true',
        'service-worker-allowed': '/',
        'strict-transport-security': 'max-age=0',
        'alt-svc': `h3="${FORGED}"`,
        server: FORGED,
        'x-powered-by': FORGED,
        'x-frame-options': 'ALLOWALL',
        'cache-control': 'public, max-age=9',
        'cross-origin-resource-policy': 'cross-origin',
        connection: 'close, x-content-type-options',
      }),
    );
    const answer = await ask([]);
    expect(answer.text).not.toContain(FORGED);
    expect(answer.text).not.toMatch(/access-control|service-worker|strict-transport/i);
    expect(fieldsOf(answer, 'x-frame-options')).toEqual(['DENY']);
    expect(fieldsOf(answer, 'x-content-type-options')).toEqual(['nosniff']);
    expect(fieldsOf(answer, 'cross-origin-resource-policy')).toEqual(['same-origin']);
    expect(fieldsOf(answer, 'cache-control')).toEqual(['private, no-store']);
  });
});

describe('Host', () => {
  test.each([
    'evil.example',
    '127.0.0.1',
    'localhost:1',
    '127.0.0.1:{port}.evil.example',
    'a b',
    '',
    '127.0.0.1:{port}@evil.example',
    '[::1',
    'user@127.0.0.1:{port}',
  ])('T16: `Host: %s` is refused in development', async (host) => {
    const { status } = await ask([`Host: ${host}`]);
    expect(status).toBe(400);
    expect(app.seen).toEqual([]);
  });
});
