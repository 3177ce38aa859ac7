import { describe, expect, it } from 'vitest';
import { type Person, text } from './support/gate-client.ts';
import { openEvents, openSocket } from './support/gate-streams.ts';
import { sharedLimit } from './support/shared-limit.ts';
import { type TcpRelay, tcpRelay } from './support/tcp-relay.ts';
import { at, type Cluster, cluster, hasServers, type Instance, newKey } from './support/two-gates.ts';
import { until } from './support/until.ts';

const sleep = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms));

describe.skipIf(!hasServers)('WK12: two gates under a minute of overload', () => {
  it('admit together what one may', async () => {
    const { all, flood } = await sharedLimit();
    try {
      const { admitted, refused, others, most } = await flood(60_000);
      expect(others).toBe(0);
      expect(admitted).toBeLessThanOrEqual(most);
      expect(refused).toBeGreaterThan(0);
      process.stdout.write(`admitted ${admitted} of at most ${Math.floor(most)}, refused ${refused}\n`);
    } finally {
      await all.close();
    }
  });
});

interface Pair {
  readonly all: Cluster;
  readonly relay: TcpRelay;
  readonly one: Instance;
  readonly two: Instance;
  readonly admin: Person;
}

/** Two gates, of which the second reaches the database through a relay. */
async function pair(): Promise<Pair> {
  const all = await cluster();
  const direct = new URL(all.database.url);
  const relay = await tcpRelay({ host: direct.hostname, port: Number(direct.port || 5432) });
  const relayed = new URL(direct);
  relayed.host = `127.0.0.1:${relay.port}`;
  const one = await all.start();
  const two = await all.start({ databaseUrl: relayed.href });
  const admin = await one.client.logIn(text(one.gate.invite));
  one.client.inviteThrough(admin);
  return { all, relay, one, two, admin };
}

describe.skipIf(!hasServers)('T11: a gate that is cut off for more than a minute', () => {
  const served = async ({ client }: Instance): Promise<number> => (await client.send('/health/ready')).status;

  it('by its network: closes streams and serves public routes only; what ended meanwhile holds from the first request', async () => {
    const { all, relay, one, two, admin } = await pair();
    try {
      const [member, victim] = await Promise.all([one.client.newPerson('member'), one.client.newPerson('member')]);
      const { id, key } = await newKey(admin);
      const [there, lost] = [at(two, member), at(two, victim)];
      for (const person of [there, lost]) expect((await person.send('GET', '/x')).status).toBe(200);
      const useKey = () => two.client.send('/v1/x', { headers: [['x-api-key', key]] });
      expect((await useKey()).status).toBe(200);
      const headers = { cookie: there.cookie()[1], origin: two.gate.url };
      const [socket, stream] = await Promise.all([openSocket(two.gate, headers), openEvents(two.gate, headers)]);

      relay.cut();
      const cutMs = Date.now();
      for (const person of [victim]) await admin.send('DELETE', `/control/v1/sessions/${person.sessionId}`);
      await admin.send('DELETE', `/control/v1/keys/${id}`);
      let reads = 0;
      while (Date.now() - cutMs < 55_000) {
        // Reading goes on with what is known.
        expect((await there.send('GET', '/x')).status).toBe(200);
        reads += 1;
        await sleep(1_000);
      }
      expect(reads).toBeGreaterThan(30);
      const [closed, endedMs] = await Promise.all([socket.closed, stream.ended]);
      for (const atMs of [closed.atMs, endedMs]) {
        expect(atMs - cutMs).toBeGreaterThan(55_000);
        expect(atMs - cutMs).toBeLessThan(65_000);
      }
      await until('reads are refused', async () => ((await there.send('GET', '/x')).status === 503 ? true : undefined));
      expect((await two.client.send('/open/x')).status).toBe(200);
      expect((await two.client.send('/health/live')).status).toBe(200);
      // Another minute, in which nobody holds the other one up.
      expect((await member.send('POST', '/x', {})).status).toBe(200);
      await until('nobody waits for the one that serves nobody', async () => {
        const late = await one.client.newPerson('member');
        const { body } = await admin.send('DELETE', `/control/v1/sessions/${late.sessionId}`);
        return Array.isArray(body['unconfirmed']) && body['unconfirmed'].length === 0 ? true : undefined;
      });

      relay.heal();
      // Each request until the first that is served: none is let in that ended meanwhile.
      const found: number[] = [];
      await until('ready', async () => {
        found.push((await lost.send('GET', '/x')).status, (await useKey()).status);
        return (await served(two)) === 200 ? true : undefined;
      });
      expect(found.filter((status) => status !== 503 && status !== 401)).toEqual([]);
      expect([(await lost.send('GET', '/x')).status, (await useKey()).status]).toEqual([401, 401]);
      expect((await there.send('POST', '/x', {})).status).toBe(200);
    } finally {
      await all.close();
      await relay.close();
    }
  });

  it('by being stopped: what waits for it when it wakes is refused', async () => {
    const { all, relay, one, two, admin } = await pair();
    try {
      const victim = await one.client.newPerson('member');
      const lost = at(two, victim);
      expect((await lost.send('GET', '/x')).status).toBe(200);
      two.gate.signal('SIGSTOP');
      await admin.send('DELETE', `/control/v1/sessions/${victim.sessionId}`);
      await sleep(61_000);
      const waiting = Array.from({ length: 50 }, (_, n) => lost.send(n % 2 === 0 ? 'GET' : 'POST', '/x'));
      await sleep(300);
      two.gate.signal('SIGCONT');
      const statuses = (await Promise.all(waiting)).map(({ status }) => status);
      expect(statuses.filter((status) => status !== 503 && status !== 401)).toEqual([]);
      await until('ready', async () => ((await served(two)) === 200 ? true : undefined));
      expect((await lost.send('GET', '/x')).status).toBe(401);
    } finally {
      two.gate.signal('SIGCONT');
      await all.close();
      await relay.close();
    }
  });
});
