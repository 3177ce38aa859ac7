import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedisServer, postgresPrograms } from './support/available.ts';
import { type Person, text } from './support/gate-client.ts';
import { type OwnPostgres, ownPostgres } from './support/own-postgres.ts';
import { type OwnRedis, ownRedis } from './support/own-redis.ts';
import { jsonAnswer } from './support/recording-upstream.ts';
import { at, type Cluster, cluster, type Instance, newKey } from './support/two-gates.ts';
import { until } from './support/until.ts';

const unavailable = { status: 503, body: { code: 'unavailable' } };

describe.skipIf(postgresPrograms() === undefined || !hasRedisServer())(
  'two gates whose servers go and come back',
  () => {
    let postgres: OwnPostgres;
    let redis: OwnRedis;
    let all: Cluster;
    let one: Instance;
    let two: Instance;
    let admin: Person;

    beforeAll(async () => {
      [postgres, redis] = await Promise.all([ownPostgres(), ownRedis()]);
      await Promise.all([postgres.start(), redis.start()]);
      all = await cluster(
        {},
        {
          postgres: `postgres://postgres@127.0.0.1:${postgres.port}/postgres`,
          redis: `redis://127.0.0.1:${redis.port}`,
        },
      );
      one = await all.start();
      two = await all.start();
      admin = await one.client.logIn(text(one.gate.invite));
      one.client.inviteThrough(admin);
    }, 60_000);
    afterAll(async () => {
      await all.close();
      await Promise.all([postgres.remove(), redis.kill()]);
    });

    const ready = async ({ client }: Instance): Promise<number> => (await client.send('/health/ready')).status;
    const both = (status: number) =>
      until(`both ${status}`, async () => {
        const found = await Promise.all([ready(one), ready(two)]);
        return found.every((it) => it === status) ? true : undefined;
      });
    const create = (person: Person): Promise<{ status: number; body: object }> => {
      all.chats.answerWith(jsonAnswer(201, JSON.stringify({ id: randomUUID() })));
      return person.send('POST', '/api/chats', {});
    };

    it('T11: PostgreSQL is killed and started again: nothing is let in meanwhile that it would have to say, and both recover by themselves', async () => {
      const [member, victim] = await Promise.all([one.client.newPerson('member'), one.client.newPerson('member')]);
      const { key } = await newKey(admin);
      for (const gate of [one, two]) expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
      expect(await admin.send('DELETE', `/control/v1/sessions/${victim.sessionId}`)).toMatchObject({
        body: { unconfirmed: [] },
      });
      const inviteCode = await one.client.invite('member');
      for (const downMs of [0, 6_500]) {
        await postgres.kill();
        await both(503);
        await new Promise((resolve) => void setTimeout(resolve, downMs));
        for (const gate of [one, two]) {
          expect((await at(gate, victim).send('GET', '/x')).status).not.toBe(200);
          expect((await gate.client.send('/v1/x', { headers: [['x-api-key', `${key}x`]] })).status).not.toBe(200);
          expect(await gate.client.logInWith({ inviteCode })).toMatchObject(unavailable);
          expect(await create(at(gate, member))).toMatchObject(unavailable);
          // Known a moment ago, and for reading only.
          expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
        }
        await postgres.start();
        await both(200);
        for (const gate of [one, two]) {
          expect((await at(gate, victim).send('GET', '/x')).status).toBe(401);
          expect((await create(at(gate, member))).status).toBe(201);
          expect((await gate.client.send('/v1/x', { headers: [['x-api-key', key]] })).status).toBe(200);
        }
      }
      expect((await two.client.logInWith({ inviteCode })).status).toBe(200);
      const ended = await admin.send('DELETE', `/control/v1/sessions/${member.sessionId}`);
      expect(ended).toMatchObject({ status: 200, body: { unconfirmed: [] } });
      expect((await at(two, member).send('GET', '/x')).status).toBe(401);
    }, 120_000);

    it('T11: PostgreSQL goes back to an older state, as after a fail-over: what is cached is asked for again, and the new history is heard', async () => {
      const [member, other] = await Promise.all([one.client.newPerson('member'), one.client.newPerson('member')]);
      for (const gate of [one, two]) expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
      const back = (await all.database.query(`SELECT max("seq") AS "seq" FROM steadygate."stateEvent"`))[0]?.['seq'];
      // Ends in a history that is lost.
      await admin.send('DELETE', `/control/v1/sessions/${other.sessionId}`);
      for (const change of [
        `DELETE FROM steadygate."stateEvent" WHERE "seq" > ${back}`,
        `UPDATE steadygate."sequence" SET "value" = ${back} WHERE "name" = 'event'`,
        // What the lost history would have said is not known; in the one that holds, somebody else has ended.
        `UPDATE steadygate."session" SET "endedAtMs" = 1 WHERE "id" = '${member.sessionId}'`,
      ]) {
        await all.database.query(change);
      }
      for (const gate of [one, two]) {
        await until('refused', async () =>
          (await at(gate, member).send('GET', '/x')).status === 401 ? true : undefined,
        );
        expect(gate.gate.lines.filter((line) => line.includes('asked for again')).length).toBeGreaterThan(0);
      }
      const third = await one.client.newPerson('member');
      expect((await at(two, third).send('GET', '/x')).status).toBe(200);
      const ended = await admin.send('DELETE', `/control/v1/sessions/${third.sessionId}`);
      expect(ended).toMatchObject({ status: 200, body: { unconfirmed: [] } });
      expect((await at(two, third).send('GET', '/x')).status).toBe(401);
    }, 60_000);

    it('WK12: Redis is killed and started again: what it would count is refused by both, and both recover by themselves', async () => {
      const member = await one.client.newPerson('member');
      for (const gate of [one, two]) expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
      await redis.kill();
      await both(503);
      for (const gate of [one, two]) {
        expect(await at(gate, member).send('GET', '/x')).toMatchObject(unavailable);
        expect(await gate.client.logInWith({ inviteCode: 'SB-MEMBER-23456789' })).toMatchObject(unavailable);
        expect((await gate.client.send('/health/live')).status).toBe(200);
      }
      await redis.start();
      await both(200);
      for (const gate of [one, two]) expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
    }, 60_000);
  },
);
