import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGate } from './support/gate.ts';
import { startGate } from './support/gate.ts';
import type { RecordingUpstream } from './support/recording-upstream.ts';
import { startRecordingUpstream, valuesOf } from './support/recording-upstream.ts';

type Json = Readonly<Record<string, unknown>>;

/** One answer of a gate. */
interface Answer {
  readonly status: number;
  readonly json: Json;
  readonly cookies: readonly string[];
}

async function call(base: string, line: string, init: { headers?: Record<string, string>; body?: unknown } = {}) {
  const [method = 'GET', path = '/'] = line.split(' ');
  const body = init.body === undefined ? {} : { body: JSON.stringify(init.body) };
  const type: Record<string, string> = init.body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(base + path, {
    method,
    redirect: 'manual',
    headers: { ...type, ...init.headers },
    ...body,
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const answer: Answer = {
    status: response.status,
    json: isJson ? JSON.parse(text) : {},
    cookies: response.headers.getSetCookie(),
  };
  return answer;
}

const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` });

/** `name=value` pairs as a browser would send them back. */
const sent = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(';', 1).join('')).join('; ');

describe('the control plane on a listener of its own', () => {
  let upstream: RecordingUpstream;
  let gate: RunningGate;
  let app: string;
  let control: string;
  let invite: unknown;

  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    gate = await startGate({
      config: {
        environment: 'development',
        listen: { host: '127.0.0.1', port: 0, control: '127.0.0.1:0' },
        upstreams: { app: { url: upstream.url } },
        routes: [
          { path: '/public/**', upstream: 'app', access: 'public' },
          { path: '/**', upstream: 'app', access: 'session', permission: { read: 'app:read', write: 'app:write' } },
        ],
        limits: { credentials: '1000/15m' },
      },
    });
    app = gate.url;
    control = new URL(String(JSON.parse(gate.lines[0] ?? '{}').console)).origin;
    ({ invite } = await gate.operator('invite', 'create', '--role', 'admin', '--uses', '100'));
  });

  afterAll(async () => {
    await gate?.stop();
    await upstream?.close();
  });

  async function logIn(base: string) {
    const answer = await call(base, 'POST /auth/login', { body: { inviteCode: invite, tokenDelivery: 'body' } });
    expect(answer.status).toBe(200);
    return answer.json;
  }

  async function logInWithCookies(base: string) {
    const answer = await call(base, 'POST /auth/login', {
      headers: { origin: base, 'sec-fetch-site': 'same-origin' },
      body: { inviteCode: invite },
    });
    expect(answer.status).toBe(200);
    return answer;
  }

  it('T1: is another origin than the application', () => {
    expect(control).not.toBe(app);
  });

  it.each(['/console', '/console/', '/control/v1/openapi.json', '/control/v1/sessions', '/control'])(
    'T1: %s is not on the application’s origin',
    async (path) => {
      const { token } = await logIn(app);
      expect((await call(app, `GET ${path}`, { headers: bearer(token) })).status).toBe(404);
    },
  );

  it.each(['/auth/login', '/health/live', '/health/ready', '/.well-known/jwks.json'])(
    '%s is on both origins',
    async (path) => {
      for (const base of [app, control]) expect((await call(base, `GET ${path}`)).status).toBe(200);
    },
  );

  it('serves the control API on its own origin, and nothing of the application', async () => {
    const { token } = await logIn(control);
    expect((await call(control, 'GET /control/v1/users', { headers: bearer(token) })).status).toBe(200);
    expect((await call(control, 'GET /control/v1/openapi.json')).status).toBe(200);
    upstream.forget();
    for (const path of ['/', '/api/x', '/public/x']) {
      expect((await call(control, `GET ${path}`, { headers: bearer(token) })).status).toBe(404);
    }
    expect(upstream.seen).toEqual([]);
  });

  it('T1: refuses the access tokens of the other listener', async () => {
    const [mine, theirs] = [await logIn(app), await logIn(control)];
    expect((await call(app, 'GET /api/x', { headers: bearer(mine['token']) })).status).toBe(200);
    expect((await call(control, 'GET /auth/session', { headers: bearer(theirs['token']) })).status).toBe(200);
    upstream.forget();
    expect((await call(app, 'GET /api/x', { headers: bearer(theirs['token']) })).status).toBe(401);
    expect((await call(app, 'GET /auth/session', { headers: bearer(theirs['token']) })).status).toBe(401);
    for (const path of ['/auth/session', '/control/v1/users']) {
      expect((await call(control, `GET ${path}`, { headers: bearer(mine['token']) })).status).toBe(401);
    }
    expect(upstream.seen).toEqual([]);
  });

  it('T1: a refresh token is refused at the other listener, and goes on at its own', async () => {
    for (const [home, other] of [
      [app, control],
      [control, app],
    ] as const) {
      const { refreshToken } = await logIn(home);
      for (let time = 0; time < 2; time += 1) {
        expect((await call(other, 'POST /auth/refresh', { body: { refreshToken } })).status).toBe(401);
      }
      const renewed = await call(home, 'POST /auth/refresh', { body: { refreshToken } });
      expect(renewed.status).toBe(200);
      // A spent one neither: presented elsewhere it ends no family.
      expect((await call(other, 'POST /auth/refresh', { body: { refreshToken } })).status).toBe(401);
      const { token } = renewed.json;
      expect((await call(home, 'GET /auth/session', { headers: bearer(token) })).status).toBe(200);
      expect((await call(other, 'GET /auth/session', { headers: bearer(token) })).status).toBe(401);
    }
  });

  it('T1: cookies have names of their own, and no silent renewal crosses over', async () => {
    const { cookies } = await logInWithCookies(control);
    expect(cookies.map((cookie) => cookie.split('=', 1)[0])).toEqual(['control-token', 'control-refresh']);
    expect((await call(control, 'GET /auth/session', { headers: { cookie: sent(cookies) } })).status).toBe(200);
    const refresh = sent(cookies.slice(1));
    const renewed = await call(control, 'GET /auth/session', { headers: { cookie: refresh } });
    expect([renewed.status, sent(renewed.cookies)]).toEqual([200, expect.stringMatching(/^control-token=/)]);
    // Under the names of the other listener too, as somebody would try who holds the values.
    for (const cookie of [sent(cookies), refresh, sent(cookies).replaceAll('control-', '')]) {
      expect((await call(app, 'GET /auth/session', { headers: { cookie } })).status).toBe(401);
    }
    const mine = sent((await logInWithCookies(app)).cookies);
    expect(mine).toMatch(/^token=/);
    for (const cookie of [mine, mine.replace('token=', 'control-token=').replace('refresh=', 'control-refresh=')]) {
      expect((await call(control, 'GET /auth/session', { headers: { cookie } })).status).toBe(401);
    }
  });

  it('T2: a browser sends both listeners’ cookies to both ports, and none of them goes upstream', async () => {
    const jar = [...(await logInWithCookies(app)).cookies, ...(await logInWithCookies(control)).cookies];
    upstream.forget();
    for (const path of ['/api/x', '/public/x']) {
      const headers = { cookie: `theme=dark; ${sent(jar)}` };
      expect((await call(app, `GET ${path}`, { headers })).status).toBe(200);
    }
    expect(upstream.seen.map((seen) => valuesOf(seen, 'cookie'))).toEqual([['theme=dark'], ['theme=dark']]);
    expect((await call(control, 'GET /auth/session', { headers: { cookie: sent(jar) } })).status).toBe(200);
  });

  it('T1: a page of the application’s origin changes nothing on the control origin', async () => {
    const { cookies, json } = await logInWithCookies(control);
    const issue = (origin: string) =>
      call(control, 'POST /control/v1/invites', {
        headers: { origin, cookie: sent(cookies), 'x-csrf-token': String(json['csrfToken']) },
        body: { role: 'viewer' },
      });
    expect((await issue(app)).status).toBe(403);
    expect((await issue(control)).status).toBe(201);
  });

  it('T1: a change of tenant stays on its listener', async () => {
    const first = { inviteCode: gate.invite, tokenDelivery: 'body' };
    const { token } = (await call(control, 'POST /auth/login', { body: first })).json;
    const switched = await call(control, 'POST /auth/session', { headers: bearer(token), body: { tenant: 'system' } });
    expect([switched.status, switched.json['tenant']]).toEqual([200, 'system']);
    const there = { headers: bearer(switched.json['token']) };
    expect((await call(control, 'GET /auth/session', there)).status).toBe(200);
    expect((await call(app, 'GET /auth/session', there)).status).toBe(401);
  });

  it('AU8: a revocation ends sessions of either listener at once', async () => {
    for (const base of [app, control]) {
      const { token, sessionId } = await logIn(base);
      expect((await call(base, 'GET /auth/session', { headers: bearer(token) })).status).toBe(200);
      await gate.operator('session', 'revoke', String(sessionId));
      expect((await call(base, 'GET /auth/session', { headers: bearer(token) })).status).toBe(401);
    }
  });
});

describe('in production', () => {
  const page = '<!doctype html><title>The application</title>';
  let upstream: RecordingUpstream;

  beforeAll(async () => {
    upstream = await startRecordingUpstream((_seen, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    });
  });

  afterAll(async () => {
    await upstream?.close();
  });

  it.each([
    ['without a control listener a page of the application is withheld', undefined, 502],
    ['with one it is served, and control cookies are bound to their host', '127.0.0.1:0', 200],
  ])('T1: %s', async (_what, control, status) => {
    const gate = await startGate({
      env: { KEK: randomBytes(32).toString('hex') },
      config: {
        environment: 'production',
        listen: { host: '127.0.0.1', port: 0, ...(control === undefined ? {} : { control }) },
        upstreams: { app: { url: upstream.url } },
        routes: [{ path: '/page', upstream: 'app', access: 'public' }],
        secrets: { keyEncryptionKey: '${KEK}' },
      },
    });
    try {
      expect((await fetch(`${gate.url}/page`)).status).toBe(status);
      const base = new URL(String(JSON.parse(gate.lines[0] ?? '{}').console)).origin;
      const inviteCode = readFileSync(join(gate.dataDir, 'first-invite'), 'utf8').trim();
      const { cookies } = await call(base, 'POST /auth/login', { headers: { origin: base }, body: { inviteCode } });
      const prefix = control === undefined ? '__Host-' : '__Host-control-';
      expect(cookies).toEqual([
        expect.stringMatching(new RegExp(`^${prefix}token=[^;]+; Path=/; HttpOnly; Secure; SameSite=Strict`)),
        expect.stringMatching(new RegExp(`^${prefix}refresh=[^;]+; Path=/; HttpOnly; Secure; SameSite=Strict`)),
      ]);
    } finally {
      await gate.stop();
    }
  });
});
