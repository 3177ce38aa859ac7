import { generateKeyPairSync, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, type GateClient, gateClient, type Person, text } from './support/gate-client.ts';
import { openSocket } from './support/gate-streams.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url, { sessions: { accessTokenLife: '2s' } }) });
  client = gateClient(gate);
  client.inviteThrough(await client.logIn(text(gate.invite)));
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

function withCookies(cookies: Readonly<Record<string, string | undefined>>): Promise<Answer> {
  const pairs = Object.entries(cookies).map((pair) => pair.join('='));
  return client.send('/x', { headers: [['cookie', pairs.join('; ')]] });
}

const refreshOf = (person: Person): string => text(person.cookies.get('refresh'));
const untilExpired = () => sleep(2100);

/** The token with a later end, signed by somebody else. */
function forged(token: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const [header, payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 3600 })).toString('base64url');
  return `${header}.${longer}.${sign(null, Buffer.from(`${header}.${longer}`), privateKey).toString('base64url')}`;
}

describe('a browser is renewed silently', () => {
  test('when the access cookie is absent: a new one comes, the refresh token stays as it is', async () => {
    const person = await client.newPerson('member');
    const answer = await withCookies({ refresh: refreshOf(person) });
    expect([answer.status, [...answer.cookies.keys()]]).toEqual([200, ['token']]);
    expect(answer.setCookie[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=[12]$/);
    expect((await withCookies({ token: answer.cookies.get('token') })).status).toBe(200);
    expect((await person.send('POST', '/auth/refresh')).status).toBe(200);
  });

  test('when it has expired, and not before', async () => {
    const person = await client.newPerson('member');
    const token = text(person.cookies.get('token'));
    expect((await withCookies({ token, refresh: refreshOf(person) })).cookies.size).toBe(0);
    await untilExpired();
    expect((await withCookies({ token })).status).toBe(401);
    const renewed = await withCookies({ token, refresh: refreshOf(person) });
    expect([renewed.status, [...renewed.cookies.keys()]]).toEqual([200, ['token']]);
  });

  test('never when it is forged, however good the refresh cookie is', async () => {
    const person = await client.newPerson('member');
    const token = text(person.cookies.get('token'));
    for (const bad of [forged(token), `${token}x`, 'a.b.c', 'x', refreshOf(person)]) {
      const { status, cookies } = await withCookies({ token: bad, refresh: refreshOf(person) });
      expect([status, cookies.size]).toEqual([401, 0]);
    }
  });

  test('for a page that loads many files at a time, all of which get in', async () => {
    const person = await client.newPerson('member');
    const all = await Promise.all(Array.from({ length: 30 }, () => withCookies({ refresh: refreshOf(person) })));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(all.map(({ cookies }) => cookies.size))).toEqual(new Set([1]));
  });

  test('SB22: which excuses no change from the CSRF check', async () => {
    const person = await client.newPerson('member');
    const headers = [['cookie', `refresh=${refreshOf(person)}`]] as const;
    const { status, body } = await client.send('/x', { method: 'POST', headers, body: {} });
    expect([status, body['code']]).toEqual([403, 'csrf-refused']);
  });

  test('not at a bearer: an expired token is over', async () => {
    const tokens = await client.newTokens('member');
    const headers = [['authorization', `Bearer ${tokens.token}`]] as const;
    expect((await client.send('/x', { headers })).status).toBe(200);
    await untilExpired();
    const { status, cookies } = await client.send('/x', { headers });
    expect([status, cookies.size]).toEqual([401, 0]);
  });
});

describe('SB11: a WebSocket', () => {
  test('opened by a bearer token ends with it, one opened by cookies goes on', async () => {
    const [tokens, person] = await Promise.all([client.newTokens('member'), client.newPerson('member')]);
    const [byBearer, byCookie] = await Promise.all([
      openSocket(gate, { authorization: `Bearer ${tokens.token}` }),
      openSocket(gate, { cookie: person.cookie()[1], origin: gate.url }),
    ]);
    expect((await byBearer.closed).code).toBe(4001);
    await expect(Promise.race([byCookie.closed, sleep(500, 'open')])).resolves.toBe('open');
    byCookie.close();
  });
});

describe('T16: cookies without Secure', () => {
  const FIELDS = [
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-host', 'localhost'],
    ['forwarded', 'for=127.0.0.1'],
    ['x-real-ip', '127.0.0.1'],
    ['via', '1.1 tunnel'],
  ] as const;

  test.each(FIELDS)('are not set, renewed or taken beside %s', async (name, value) => {
    const inviteCode = await client.codeFor('member');
    const logIn = await client.send('/auth/login', { method: 'POST', headers: [[name, value]], body: { inviteCode } });
    expect([logIn.status, logIn.setCookie]).toEqual([403, []]);

    const person = await client.newPerson('member');
    for (const cookie of [person.cookie()[1], `refresh=${refreshOf(person)}`]) {
      const { status, setCookie } = await client.send('/x', {
        headers: [
          ['cookie', cookie],
          [name, value],
        ],
      });
      expect([status, setCookie]).toEqual([401, []]);
    }
    const refreshed = await client.send('/auth/refresh', {
      method: 'POST',
      headers: [person.cookie(), ['x-csrf-token', person.csrfToken], [name, value]],
    });
    expect([refreshed.status, refreshed.setCookie]).toEqual([403, []]);
    expect((await person.send('GET', '/x')).status).toBe(200);
  });

  test.each(['evil.example', '127.0.0.1.evil.example', 'localhost:1', '192.168.0.1', '[::2]'])(
    'are not set for host %s: names that lead here from elsewhere are refused',
    async (host) => {
      const inviteCode = await client.codeFor('member');
      const { status, setCookie } = await client.send('/auth/login', {
        method: 'POST',
        headers: [['host', host]],
        body: { inviteCode },
      });
      expect([status, setCookie]).toEqual([400, []]);
    },
  );
});

test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
  expect(client.secrets.size).toBeGreaterThan(3);
  expect(await client.leaks()).toEqual([]);
});
