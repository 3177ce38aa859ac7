import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Person, text } from './support/gate-client.ts';
import { openSocket } from './support/gate-streams.ts';
import { type TcpRelay, tcpRelay } from './support/tcp-relay.ts';
import { at, type Cluster, cluster, hasServers, type Instance, newKey } from './support/two-gates.ts';
import { until } from './support/until.ts';

describe.skipIf(!hasServers)('T11: of two gates one is cut off', () => {
  let all: Cluster;
  let relay: TcpRelay;
  let one: Instance;
  let two: Instance;
  let admin: Person;
  /** The server's process for the first gate's feed. */
  let ofOne: unknown;

  beforeAll(async () => {
    all = await cluster();
    const direct = new URL(all.database.url);
    relay = await tcpRelay({ host: direct.hostname, port: Number(direct.port || 5432) });
    const relayed = new URL(direct);
    relayed.host = `127.0.0.1:${relay.port}`;
    one = await all.start();
    [ofOne] = await watchers();
    two = await all.start({ databaseUrl: relayed.href });
    admin = await one.client.logIn(text(one.gate.invite));
    one.client.inviteThrough(admin);
  });
  // One that failed must not take the next ones with it.
  afterEach(() => relay.heal());
  afterAll(async () => {
    await all.close();
    await relay.close();
  });

  const ready = async ({ client }: Instance): Promise<number> => (await client.send('/health/ready')).status;
  const isReady = (gate: Instance) => until('ready', async () => ((await ready(gate)) === 200 ? true : undefined));
  const useKey = (key: string): Promise<Answer> => two.client.send('/v1/x', { headers: [['x-api-key', key]] });
  const watchers = async (): Promise<readonly unknown[]> => {
    const which = `application_name = 'steadygate watch' AND datname = current_database()`;
    return (await all.database.query(`SELECT pid FROM pg_stat_activity WHERE ${which}`)).map(({ pid }) => pid);
  };
  const revoke = (person: Person): Promise<Answer> => admin.send('DELETE', `/control/v1/sessions/${person.sessionId}`);
  const unavailable = { status: 503, body: { code: 'unavailable' } };

  it('from its database for more than 5 s: it is unready, reads with what it knows, and refuses the rest until it has heard', async () => {
    const [member, victim] = await Promise.all([one.client.newPerson('member'), one.client.newPerson('member')]);
    const { id, key } = await newKey(admin);
    const there = at(two, member);
    const lost = at(two, victim);
    for (const person of [there, lost]) expect((await person.send('GET', '/x')).status).toBe(200);
    expect((await useKey(key)).status).toBe(200);
    const socket = await openSocket(two.gate, { cookie: lost.cookie()[1], origin: two.gate.url });

    relay.cut();
    const cutMs = Date.now();
    // What ends meanwhile names who has not heard of it, and takes no longer than it may.
    const begunMs = Date.now();
    const answer = await revoke(victim);
    // A second for the others, and what the database gives a change in the middle of which the other was cut off.
    expect(Date.now() - begunMs).toBeLessThan(6_000);
    expect(answer.status).toBe(200);
    expect(answer.body['unconfirmed']).toHaveLength(1);
    const byOperator = await one.gate.cli('key', 'revoke', id);
    expect(byOperator.stdout).toMatch(/Not confirmed by:\n {2}\S+:\d+ \(\S+\), last heard of/);

    await until('unready', async () => ((await ready(two)) === 503 ? true : undefined));
    await until('writes are refused', async () =>
      (await there.send('POST', '/x', {})).status === 503 ? true : undefined,
    );
    expect(Date.now() - cutMs).toBeGreaterThan(4_000);
    expect(await there.send('POST', '/x', {})).toMatchObject(unavailable);
    expect((await there.send('GET', '/x')).status).toBe(200);
    expect(await useKey(key)).toMatchObject(unavailable);
    expect(await there.send('GET', '/auth/session')).toMatchObject(unavailable);
    expect(await there.send('POST', '/auth/logout')).toMatchObject(unavailable);
    const inviteCode = await one.client.invite('member');
    expect(await two.client.logInWith({ inviteCode })).toMatchObject(unavailable);
    expect((await two.client.send('/open/x')).status).toBe(200);
    expect((await two.client.send('/health/live')).status).toBe(200);
    // The other one serves as ever.
    expect([await ready(one), (await member.send('POST', '/x', {})).status]).toEqual([200, 200]);

    relay.heal();
    await isReady(two);
    expect((await lost.send('GET', '/x')).status).toBe(401);
    expect((await useKey(key)).status).toBe(401);
    expect((await socket.closed).code).toBe(4001);
    expect((await there.send('POST', '/x', {})).status).toBe(200);
    expect((await two.client.logInWith({ inviteCode })).status).toBe(200);
    expect(two.gate.lines.filter((line) => line.includes('"alert":"store-lost"'))).toHaveLength(1);
  }, 90_000);

  it('by being stopped for more than 5 s: what it finds when it wakes is refused until it has heard', async () => {
    const victim = await one.client.newPerson('member');
    const lost = at(two, victim);
    expect((await lost.send('POST', '/x', {})).status).toBe(200);
    two.gate.signal('SIGSTOP');
    try {
      const answer = await revoke(victim);
      expect(answer.body['unconfirmed']).toHaveLength(1);
      await new Promise((resolve) => void setTimeout(resolve, 6_000));
      // They wait in the machine's queue, and are what the process sees first.
      const waiting = Array.from({ length: 20 }, () => lost.send('POST', '/x', {}));
      await new Promise((resolve) => void setTimeout(resolve, 200));
      two.gate.signal('SIGCONT');
      const statuses = (await Promise.all(waiting)).map(({ status }) => status);
      expect(statuses.filter((status) => status !== 503 && status !== 401)).toEqual([]);
    } finally {
      two.gate.signal('SIGCONT');
    }
    await isReady(two);
    expect((await lost.send('GET', '/x')).status).toBe(401);
  }, 90_000);

  it('from the feed alone, again and again: nothing that ends meanwhile is missed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const victim = await one.client.newPerson('member');
      const lost = at(two, victim);
      await until('served', async () => ((await lost.send('GET', '/x')).status === 200 ? true : undefined));
      const socket = await openSocket(two.gate, { cookie: lost.cookie()[1], origin: two.gate.url });
      const [ofTwo] = (await watchers()).filter((pid) => pid !== ofOne);
      const doneMs = revoke(victim).then(() => Date.now());
      expect(await all.database.query('SELECT pg_terminate_backend($1)', [ofTwo])).toHaveLength(1);
      const { code, atMs } = await socket.closed;
      expect(code).toBe(4001);
      expect(atMs - (await doneMs)).toBeLessThan(1_500);
      await isReady(two);
      expect((await lost.send('GET', '/x')).status).toBe(401);
    }
  }, 90_000);

  it('and is told to stop: it ends in order, though nobody answers its farewell', async () => {
    relay.cut();
    await until('unready', async () => ((await ready(two)) === 503 ? true : undefined));
    expect(await two.gate.stop()).toBe(0);
    expect(await ready(one)).toBe(200);
  }, 90_000);
});
