import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, type Person, text } from './support/gate-client.ts';
import { openEvents, openSocket } from './support/gate-streams.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let admin: Person;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url) });
  client = gateClient(gate);
  admin = await client.logIn(text(gate.invite));
  client.inviteThrough(admin);
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

/** Ends a session; the second session is another one of the same user. */
type End = (victim: Person, other: Person) => Promise<unknown>;

const ENDINGS: readonly (readonly [string, End, { readonly endsOther: boolean }])[] = [
  ['log-out', (victim) => victim.send('POST', '/auth/logout'), { endsOther: false }],
  ['its owner', (victim, other) => other.send('DELETE', `/auth/sessions/${victim.sessionId}`), { endsOther: false }],
  [
    'an administrator',
    (victim) => admin.send('DELETE', `/control/v1/sessions/${victim.sessionId}`),
    { endsOther: false },
  ],
  ['the operator', (victim) => gate.operator('session', 'revoke', victim.sessionId), { endsOther: false }],
  [
    'the operator, for the user',
    (victim) => gate.operator('session', 'revoke', '--user', victim.userId),
    { endsOther: true },
  ],
  [
    'disabling the user',
    (victim) => admin.send('POST', `/control/v1/users/${victim.userId}/disable`),
    { endsOther: true },
  ],
  ['the operator disabling the user', (victim) => gate.operator('user', 'disable', victim.userId), { endsOther: true }],
  ['a change of tenant', (victim) => victim.send('POST', '/auth/session', { tenant: 'default' }), { endsOther: false }],
];

/** Two sessions of one user: a log-in link makes the second. */
async function twoSessions(): Promise<{ victim: Person; other: Person }> {
  const victim = await client.newPerson('member');
  const { link } = await gate.operator('session', 'create', '--user', victim.userId);
  const loginLink = String(link).split('#link=')[1] ?? '';
  const { body, cookies } = await client.logInWith({ loginLink });
  const other = client.personOf({ body, cookies });
  expect(other.userId).toBe(victim.userId);
  return { victim, other };
}

describe('AU8: a session ends at once', () => {
  test.each(ENDINGS)(
    'by %s: requests are refused, its socket closes with 4001, its stream ends',
    async (_, end, of) => {
      const { victim, other } = await twoSessions();
      const [name, cookie] = victim.cookie();
      const before = [...victim.cookies.values()];
      const headers = { [name]: cookie, origin: gate.url };
      const [socket, stream, otherSocket] = await Promise.all([
        openSocket(gate, headers),
        openEvents(gate, headers),
        openSocket(gate, { cookie: other.cookie()[1], origin: gate.url }),
      ]);
      await end(victim, other);
      const doneAtMs = Date.now();

      const [closed, endedAtMs] = await Promise.all([socket.closed, stream.ended]);
      expect(closed.code).toBe(4001);
      expect(Math.max(closed.atMs, endedAtMs) - doneAtMs).toBeLessThan(1000);
      for (const value of before) {
        for (const cookieName of ['token', 'refresh']) {
          const { status } = await client.send('/x', { headers: [['cookie', `${cookieName}=${value}`]] });
          expect(status).toBe(401);
        }
        expect((await client.send('/x', { headers: [['authorization', `Bearer ${value}`]] })).status).toBe(401);
      }
      await expect(openSocket(gate, headers)).rejects.toThrow('refused with 401');

      expect((await other.send('GET', '/x')).status).toBe(of.endsOther ? 401 : 200);
      if (of.endsOther) expect((await otherSocket.closed).code).toBe(4001);
      otherSocket.close();
    },
  );

  test('for a bearer token too, whose socket was opened by Authorization', async () => {
    const tokens = await client.newTokens('member');
    const headers = { authorization: `Bearer ${tokens.token}` };
    const [socket, stream] = await Promise.all([openSocket(gate, headers), openEvents(gate, headers)]);
    const { status } = await client.send('/auth/logout', { method: 'POST', headers: Object.entries(headers) });
    expect(status).toBe(204);
    expect((await socket.closed).code).toBe(4001);
    await stream.ended;
    expect((await client.send('/x', { headers: Object.entries(headers) })).status).toBe(401);
    const { refreshToken } = tokens;
    expect((await client.send('/auth/refresh', { method: 'POST', body: { refreshToken } })).status).toBe(401);
  });
});

describe('who may end what', () => {
  test('nobody ends a session of somebody else without the permission, and nobody learns that it exists', async () => {
    const [mallory, alice] = await Promise.all([client.newPerson('member'), client.newPerson('member')]);
    const own = await mallory.send('DELETE', `/auth/sessions/${alice.sessionId}`);
    const unknown = await mallory.send('DELETE', '/auth/sessions/AAAAAAAAAAAAAAAAAAAAAA');
    expect([own.status, unknown.status]).toEqual([404, 404]);
    expect((await mallory.send('DELETE', `/control/v1/sessions/${alice.sessionId}`)).status).toBe(403);
    expect((await mallory.send('POST', `/control/v1/users/${alice.userId}/disable`)).status).toBe(403);
    expect((await alice.send('GET', '/x')).status).toBe(200);
  });

  test('T15: an administrator of one tenant reaches no session or user of another', async () => {
    await gate.operator('tenant', 'create', 'acme');
    const stranger = await client.logIn(await client.invite('admin', '--tenant', 'acme'));
    const member = await client.newPerson('member');
    expect((await stranger.send('DELETE', `/control/v1/sessions/${member.sessionId}`)).status).toBe(404);
    expect((await stranger.send('POST', `/control/v1/users/${member.userId}/disable`)).status).toBe(404);
    const { sessions } = (await stranger.send('GET', '/control/v1/sessions')).body;
    expect(sessions).toEqual([expect.objectContaining({ id: stranger.sessionId, current: true })]);
    expect((await member.send('GET', '/x')).status).toBe(200);
  });

  test('one sees the own sessions, and which of them asks', async () => {
    const { victim, other } = await twoSessions();
    const { sessions } = (await other.send('GET', '/auth/sessions')).body;
    expect(sessions).toHaveLength(2);
    expect(sessions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: victim.sessionId, current: false }),
        expect.objectContaining({ id: other.sessionId, current: true }),
      ]),
    );
  });
});

test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
  expect(client.secrets.size).toBeGreaterThan(3);
  expect(await client.leaks()).toEqual([]);
});
