import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, text, type Tokens } from './support/gate-client.ts';
import { openSocket } from './support/gate-streams.ts';
import { type RunningGate, startGate } from './support/gate.ts';

type Jwks = { readonly keys: readonly { readonly kid: string; readonly purpose: string }[] };

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
const ACCESS_TOKEN_LIFE_MS = 4000;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url, { sessions: { accessTokenLife: '4s' } }) });
  client = gateClient(gate);
  client.inviteThrough(await client.logIn(text(gate.invite)));
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

const BROWSERS_SEND = [
  ['origin', (): string => gate.url],
  ['origin', (): string => 'null'],
  ['sec-fetch-site', (): string => 'same-origin'],
  ['sec-fetch-site', (): string => 'none'],
  ['cookie', (): string => 'theme=dark'],
  ['cookie', (): string => ''],
] as const;

function bearerOf({ token }: Pick<Tokens, 'token'>) {
  return ['authorization', `Bearer ${token}`] as const;
}

describe('T20: tokens in a body', () => {
  test("are for clients that are no browser: Node's own fetch works, and gets no cookie", async () => {
    const inviteCode = await client.codeFor('member');
    const answer = await fetch(`${gate.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inviteCode, tokenDelivery: 'body' }),
    });
    // The gate answers with JSON objects.
    const body = (await answer.json()) as Record<string, unknown>;
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    const authorization = `Bearer ${String(body['token'])}`;
    expect((await fetch(`${gate.url}/x`, { headers: { authorization } })).status).toBe(200);
    const socket = await openSocket(gate, { authorization });
    socket.close();
    const created = await fetch(`${gate.url}/x`, { method: 'POST', headers: { authorization } });
    expect(created.status).toBe(200);
  });

  test.each(BROWSERS_SEND)('are refused to whoever sends %s, and nothing is used up', async (name, value) => {
    const inviteCode = await client.invite('member');
    const headers = [[name, value()]] as const;
    const refused = await client.send('/auth/login', {
      method: 'POST',
      headers,
      body: { inviteCode, tokenDelivery: 'body' },
    });
    expect([refused.status, refused.body['code'], refused.body['token']]).toEqual([403, 'csrf-refused', undefined]);

    const { body } = await client.logInWith({ inviteCode, tokenDelivery: 'body' });
    const refreshToken = text(body['refreshToken']);
    const again = await client.send('/auth/refresh', { method: 'POST', headers, body: { refreshToken } });
    expect([again.status, again.body['token']]).toEqual([403, undefined]);
    expect((await client.send('/auth/refresh', { method: 'POST', body: { refreshToken } })).status).toBe(200);
  });

  test.each(BROWSERS_SEND.slice(0, 4))('of another tenant are refused to whoever sends %s', async (name, value) => {
    const tokens = await client.newTokens('member');
    const headers = [bearerOf(tokens), [name, value()] as const];
    const refused = await client.send('/auth/session', { method: 'POST', headers, body: { tenant: 'default' } });
    expect([refused.status, refused.body['token']]).toEqual([403, undefined]);
    expect((await client.send('/x', { headers: [bearerOf(tokens)] })).status).toBe(200);
  });

  test('SB21: nobody who asks for cookies sees a token in the body', async () => {
    const person = await client.newPerson('member');
    const inviteCode = await client.codeFor('member');
    for (const { body } of [
      await client.logInWith({ inviteCode }),
      await person.send('POST', '/auth/refresh'),
      await person.send('GET', '/auth/session'),
    ]) {
      expect(Object.keys(body).toSorted()).toEqual(
        ['csrfToken', 'expiresAt', 'permissions', 'role', 'sessionId', 'tenant', 'user'].toSorted(),
      );
    }
    const { setCookie } = await person.send('POST', '/auth/refresh');
    expect(setCookie).toHaveLength(2);
    for (const field of setCookie) expect(field).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  });

  test('of a rotated token go the way they came', async () => {
    const tokens = await client.newTokens('member');
    const { refreshToken } = tokens;
    const rotated = await client.send('/auth/refresh', { method: 'POST', body: { refreshToken } });
    expect([rotated.status, rotated.setCookie]).toEqual([200, []]);
    expect(text(rotated.body['refreshToken'])).not.toBe(refreshToken);
    const token = text(rotated.body['token']);
    expect((await client.send('/x', { headers: [bearerOf({ token })] })).status).toBe(200);
  });
});

describe('AU10: after a rotation of the signing keys', () => {
  const keys = async (): Promise<Jwks['keys']> =>
    (JSON.parse(await (await fetch(`${gate.url}/.well-known/jwks.json`)).text()) as Jwks).keys;
  const kidOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

  test('old tokens hold until they end, both keys are published meanwhile, and new tokens have the new one', async () => {
    const before = (await keys()).map(({ kid }) => kid);
    const person = await client.newPerson('member');
    const rotated = gate.operator('secrets', 'rotate');
    // Tokens are signed by the old key until the command, a process of its own, gets to it.
    let old = await client.newTokens('member');
    for (let next = old; before.includes(kidOf(next.token)); next = await client.newTokens('member')) old = next;
    expect((await client.send('/x', { headers: [bearerOf(old)] })).status).toBe(200);
    const published = (await keys()).map(({ kid }) => kid);

    const newKids = ((await rotated)['keys'] as Jwks['keys']).map(({ kid }) => kid);
    expect(newKids).toHaveLength(2);
    const fresh = await client.newTokens('member');
    expect(newKids).toContain(kidOf(fresh.token));
    expect(published).toEqual(expect.arrayContaining([kidOf(old.token), kidOf(fresh.token)]));
    expect((await client.send('/x', { headers: [bearerOf(fresh)] })).status).toBe(200);

    await expect
      .poll(async () => (await keys()).map(({ kid }) => kid).toSorted(), { timeout: ACCESS_TOKEN_LIFE_MS * 3 })
      .toEqual(newKids.toSorted());
    expect((await client.send('/x', { headers: [bearerOf(old)] })).status).toBe(401);
    // Nobody is signed out by it: a browser whose token the old key had signed is renewed.
    expect((await person.send('GET', '/x')).status).toBe(200);
  });
});

test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
  expect(client.secrets.size).toBeGreaterThan(3);
  expect(await client.leaks()).toEqual([]);
});
