import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, type Person, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;

async function start(sessions: object): Promise<void> {
  gate = await startGate({ config: echoConfig(upstream.url, { sessions }) });
  client = gateClient(gate);
  client.inviteThrough(await client.logIn(text(gate.invite)));
}

/** Presents a refresh token as a browser does. */
function refresh(person: Person, token: string) {
  const headers = [['cookie', `refresh=${token}`] as const, ['x-csrf-token', person.csrfToken] as const];
  return client.send('/auth/refresh', { method: 'POST', headers });
}

async function newMember(): Promise<{ person: Person; token: string }> {
  const person = await client.newPerson('member');
  return { person, token: text(person.cookies.get('refresh')) };
}

function withCookies(cookies: string) {
  return client.send('/x', { headers: [['cookie', cookies]] });
}

async function auditOf(subject: string): Promise<readonly unknown[]> {
  const { entries } = await gate.operator('audit', 'list', '--tenant', 'default', '--limit', '200');
  if (!Array.isArray(entries)) throw new Error('no entries');
  return entries.filter((entry) => entry.subject === subject).map((entry) => entry.action);
}

beforeAll(async () => {
  upstream = await startEchoUpstream();
});
afterAll(() => upstream.close());

describe('within the grace', () => {
  beforeAll(() => start({ refreshGrace: '10s' }));
  afterAll(() => gate.stop());

  test('T19: of 50 parallel refreshes of one token all get the one successor, and nobody is signed out', async () => {
    const { person, token } = await newMember();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(person, token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const successors = new Set(answers.map(({ cookies }) => cookies.get('refresh')));
    expect(successors.size).toBe(1);
    expect(successors.has(token)).toBe(false);
    for (const { cookies } of answers) {
      const { status } = await withCookies(`token=${cookies.get('token')}`);
      expect(status).toBe(200);
    }
    expect((await refresh(person, text([...successors][0]))).status).toBe(200);
  });

  test('T19: the predecessor renews silently, in the very second of its rotation, until its successor was presented', async () => {
    const { person, token } = await newMember();
    // Whatever part of a second the rotation falls into.
    const rotated = await refresh(person, token);
    expect((await withCookies(`refresh=${token}`)).status).toBe(200);

    expect((await refresh(person, text(rotated.cookies.get('refresh')))).status).toBe(200);
    expect((await withCookies(`refresh=${token}`)).status).toBe(401);
    expect((await withCookies(`refresh=${rotated.cookies.get('refresh')}`)).status).toBe(200);
  });

  test('T19: after the successor was presented the predecessor at /auth/refresh ends the family', async () => {
    const { person, token } = await newMember();
    const rotated = await refresh(person, token);
    const again = await refresh(person, text(rotated.cookies.get('refresh')));
    expect((await refresh(person, token)).status).toBe(401);
    expect((await refresh(person, text(again.cookies.get('refresh')))).status).toBe(401);
    expect((await withCookies(`token=${again.cookies.get('token')}`)).status).toBe(401);
  });

  test('T19: revocation beats grace', async () => {
    const { person, token } = await newMember();
    await refresh(person, token);
    await gate.operator('session', 'revoke', person.sessionId);
    expect((await refresh(person, token)).status).toBe(401);
    expect((await withCookies(`refresh=${token}`)).status).toBe(401);
  });

  test('a successor opens for nobody who has no token: changed, cut and empty ones are refused alike', async () => {
    const { person, token } = await newMember();
    const forged = [`${token}A`, token.slice(0, -1), token.toUpperCase(), 'sgr_', ''];
    const answers = await Promise.all(forged.map((value) => refresh(person, value)));
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual(
      forged.map(() => [401, 'credential-required']),
    );
    expect((await refresh(person, token)).status).toBe(200);
  });
});

describe('without grace', () => {
  beforeAll(() => start({ refreshGrace: '0s' }));
  afterAll(() => gate.stop());

  test('T19: a spent token that comes back ends the family, and the audit log says so', async () => {
    const { person, token } = await newMember();
    const rotated = await refresh(person, token);
    const successor = text(rotated.cookies.get('refresh'));
    await untilNextMillisecond();

    const reused = await refresh(person, token);
    expect([reused.status, reused.body['code']]).toEqual([401, 'credential-required']);
    expect((await refresh(person, successor)).status).toBe(401);
    expect((await withCookies(`token=${rotated.cookies.get('token')}`)).status).toBe(401);
    expect((await withCookies(`refresh=${successor}`)).status).toBe(401);
    expect(await auditOf(person.sessionId)).toEqual(
      expect.arrayContaining(['session.refresh-reused', 'session.ended', 'session.refreshed', 'session.started']),
    );
    expect(gate.lines.some((line) => line.includes('refresh-reuse') && line.includes(person.sessionId))).toBe(true);
  });

  test('T19: 50 parallel presenters of a token without grace get at most one successor between them', async () => {
    const { person, token } = await newMember();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(person, token)));
    const successors = new Set(answers.flatMap(({ cookies }) => cookies.get('refresh') ?? []));
    expect(successors.size).toBe(1);
  });

  test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
    expect(client.secrets.size).toBeGreaterThan(3);
    expect(await client.leaks()).toEqual([]);
  });
});

/** A grace of 0 s is over in the next millisecond. */
async function untilNextMillisecond(): Promise<void> {
  const atMs = Date.now();
  while (Date.now() <= atMs + 1) await new Promise((resolve) => setTimeout(resolve, 1));
}
