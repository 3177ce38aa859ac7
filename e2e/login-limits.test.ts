import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, type GateClient, gateClient, type Person, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let admin: Person;
/** Each test comes from an address of its own. */
let address = '';
let addresses = 0;

/** A gate with the credential budget that it has by default; the first administrator is in. */
async function start(limits: object = {}): Promise<void> {
  const generous = { general: '100000/1m', refresh: '100000/1m', ...limits };
  // A trusted proxy, so that one machine can be many addresses.
  const config = echoConfig(upstream.url, { limits: generous, trustedProxies: ['127.0.0.1'] });
  gate = await startGate({ config });
  client = gateClient(gate);
  admin = await client.logIn(text(gate.invite));
  client.inviteThrough(admin);
}

/** From an address of its own; tokens come in the body, because development cookies cross no proxy. */
function logIn(inviteCode: string, from = address): Promise<Answer> {
  const headers = [['x-forwarded-for', from] as const];
  return client.send('/auth/login', { method: 'POST', headers, body: { inviteCode, tokenDelivery: 'body' } });
}

function withBearer(token: string): Promise<Answer> {
  return client.send('/x', {
    headers: [
      ['x-forwarded-for', address],
      ['authorization', `Bearer ${token}`],
    ],
  });
}

async function inTurn<T>(count: number, run: (at: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let at = 0; at < count; at += 1) results.push(await run(at));
  return results;
}

const wrong = (at: number): string => `SB-MEMBER-${String(at).padStart(8, '2').replace(/[01]/g, '9')}`;
const statuses = (answers: readonly Answer[]): readonly number[] => answers.map(({ status }) => status);
const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

beforeAll(async () => {
  upstream = await startEchoUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => {
  addresses += 1;
  address = `192.0.2.${addresses}`;
});

describe('SB7, AU12: failed attempts', () => {
  beforeAll(() => start());
  afterAll(() => gate.stop());

  test('the eleventh wrong invite of an address is refused unread, with when to try again and which limit it was', async () => {
    const code = await client.codeFor('member');
    expect(statuses(await inTurn(10, (at) => logIn(wrong(at))))).toEqual(times(10, 401));
    const eleventh = await logIn(wrong(11));
    expect(eleventh.status).toBe(429);
    expect(eleventh.body).toMatchObject({ code: 'rate-limited', limit: { name: 'credentials', rate: '10/15m' } });
    expect(Number(eleventh.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(eleventh.headers['retry-after'])).toBeLessThanOrEqual(900);

    // Neither a good code nor a bad token is looked at from there; elsewhere nothing changed.
    expect((await logIn(code)).status).toBe(429);
    expect((await withBearer('a.b.c')).status).toBe(429);
    expect((await logIn(code, '198.51.100.200')).status).toBe(200);
  });

  test('50 at once are no way around', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => logIn(wrong(at))));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
  });

  test('a success gives its attempt back, and resets nothing', async () => {
    const code = await client.codeFor('member');
    expect(statuses(await inTurn(30, () => logIn(code)))).toEqual(times(30, 200));
    expect(statuses(await inTurn(9, (at) => logIn(wrong(at))))).toEqual(times(9, 401));
    expect((await logIn(code)).status).toBe(200);
    expect((await logIn(wrong(9))).status).toBe(401);
    expect((await logIn(code)).status).toBe(429);
  });

  test('an address is what trusted proxies say, one IPv6 network is one address, and spellings are none', async () => {
    const spellings = [
      '2001:db8:1:2::1',
      '2001:db8:1:2::2',
      '2001:DB8:1:2:0:0:0:3',
      '2001:db8:1:2:ffff::4',
      'spoofed, 2001:db8:1:2::5',
      '192.0.2.77, 2001:db8:1:2::6',
    ];
    await inTurn(10, (at) => logIn(wrong(at), spellings[at % spellings.length]));
    expect((await logIn(wrong(10), '2001:db8:1:2:abcd::9')).status).toBe(429);
    expect((await logIn(wrong(10), '2001:db8:1:3::1')).status).toBe(401);
  });

  test('T24: forged tokens, cookies and refresh tokens spend the same budget, each before it is looked up', async () => {
    const from = ['x-forwarded-for', address] as const;
    await inTurn(4, (at) => withBearer(`a.b.c${at}`));
    const refreshToken = (at: number): string => `sgr_${String(at).padStart(42, 'A')}A`;
    const refused = await inTurn(6, (at) =>
      client.send('/auth/refresh', { method: 'POST', headers: [from], body: { refreshToken: refreshToken(at) } }),
    );
    expect(statuses(refused)).toEqual(times(6, 401));
    const last = await client.send('/auth/refresh', {
      method: 'POST',
      headers: [from],
      body: { refreshToken: refreshToken(7) },
    });
    expect([last.status, last.body['code']]).toEqual([429, 'rate-limited']);
  });

  test('a session that has ended spends nothing: its owner can still log in from there', async () => {
    const code = await client.codeFor('member');
    const { body } = await logIn(code);
    await admin.send('DELETE', `/control/v1/sessions/${text(body['sessionId'])}`);
    expect(statuses(await inTurn(15, () => withBearer(text(body['token']))))).toEqual(times(15, 401));
    const { refreshToken } = body;
    const refreshes = await inTurn(15, () =>
      client.send('/auth/refresh', {
        method: 'POST',
        headers: [['x-forwarded-for', address]],
        body: { refreshToken },
      }),
    );
    expect(statuses(refreshes)).toEqual(times(15, 401));
    expect((await logIn(code)).status).toBe(200);
  });

  test('neither does a browser that still sends the cookies of one', async () => {
    const person = await client.newPerson('member');
    await admin.send('DELETE', `/control/v1/sessions/${person.sessionId}`);
    const refresh = text(person.cookies.get('refresh'));
    for (const cookie of [`refresh=${refresh}`, person.cookie()[1]]) {
      const answers = await inTurn(15, () => client.send('/x', { headers: [['cookie', cookie]] }));
      expect(statuses(answers)).toEqual(times(15, 401));
    }
    await client.newPerson('member');
  });
});

describe('AU12: a session', () => {
  beforeAll(() => start({ refresh: '3/15m' }));
  afterAll(() => gate.stop());

  test('that may not refresh any more spends its own budget, not that of its address', async () => {
    const person = await client.newPerson('member');
    const answers = await inTurn(15, () => person.send('POST', '/auth/refresh'));
    expect(statuses(answers)).toEqual([...times(3, 200), ...times(12, 429)]);
    expect(answers.at(-1)?.body).toMatchObject({ limit: { name: 'refresh', rate: '3/15m' } });
    expect((await person.send('GET', '/x')).status).toBe(200);
    await client.newPerson('member');
  });
});

describe('T17: failures of all addresses together', () => {
  beforeAll(() => start({ credentials: '100000/1m' }));
  afterAll(() => gate.stop());

  test('pause short codes only: links go on, and waiting costs an address no attempt', async () => {
    const made = await admin.send('POST', '/control/v1/invites', { role: 'member', uses: 100 });
    const code = text(made.body['invite']);
    const link = text(made.body['link']).split('#invite=')[1] ?? '';
    const batches = await inTurn(11, (batch) =>
      Promise.all(Array.from({ length: 100 }, (_, at) => logIn(wrong(batch * 100 + at), `198.51.100.${batch}`))),
    );
    const all = batches.flat();
    expect(all.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(1000);
    expect(all.at(-1)?.body).toMatchObject({ code: 'rate-limited', limit: { name: 'credentials-shared' } });

    expect((await logIn(code)).body).toMatchObject({ limit: { name: 'credentials-shared' } });
    expect((await logIn(link)).status).toBe(200);
    expect((await logIn(`${link.slice(0, -2)}AA`)).status).toBe(401);
  });
});
