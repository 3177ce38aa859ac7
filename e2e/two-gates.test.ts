import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Person, text } from './support/gate-client.ts';
import { openEvents, openSocket } from './support/gate-streams.ts';
import { jsonAnswer } from './support/recording-upstream.ts';
import { runBin } from './support/run-bin.ts';
import { at, type Cluster, cluster, hasServers, type Instance, newKey } from './support/two-gates.ts';
import { until } from './support/until.ts';

describe.skipIf(!hasServers)('two gates on one PostgreSQL and one Redis', () => {
  let all: Cluster;
  let one: Instance;
  let two: Instance;
  let admin: Person;

  beforeAll(async () => {
    all = await cluster();
    one = await all.start();
    two = await all.start();
    admin = await one.client.logIn(text(one.gate.invite));
    one.client.inviteThrough(admin);
  });
  afterAll(() => all.close());

  const useKey = ({ client }: Instance, key: string): Promise<Answer> =>
    client.send('/v1/x', { headers: [['x-api-key', key]] });

  it('the second one shows no first invite: that of the first stays good', () => {
    expect(two.gate.invite).toBeNull();
  });

  describe('T11: what ends at one is over at the other within a second', () => {
    const ENDINGS: readonly (readonly [string, (victim: Person) => Promise<unknown>])[] = [
      ['an administrator', (victim) => admin.send('DELETE', `/control/v1/sessions/${victim.sessionId}`)],
      ['the operator', (victim) => one.gate.operator('session', 'revoke', victim.sessionId)],
      ['log-out', (victim) => victim.send('POST', '/auth/logout')],
      ['disabling the user', (victim) => admin.send('POST', `/control/v1/users/${victim.userId}/disable`)],
    ];

    it.each(ENDINGS)('a session, by %s: refused, its socket closed with 4001, its stream ended', async (_, end) => {
      const member = await one.client.newPerson('member');
      const there = at(two, member);
      expect((await there.send('GET', '/x')).status).toBe(200);
      const headers = { cookie: there.cookie()[1], origin: two.gate.url };
      const [socket, stream] = await Promise.all([openSocket(two.gate, headers), openEvents(two.gate, headers)]);
      await end(member);
      const doneMs = Date.now();
      const [closed, endedMs] = await Promise.all([socket.closed, stream.ended]);
      expect(closed.code).toBe(4001);
      expect(Math.max(closed.atMs, endedMs) - doneMs).toBeLessThan(1_000);
      expect((await there.send('GET', '/x')).status).toBe(401);
    });

    it('and whoever ends it hears that all have acted: the next request there is refused', async () => {
      for (let round = 0; round < 10; round += 1) {
        const member = await one.client.newPerson('member');
        const there = at(two, member);
        expect((await there.send('GET', '/x')).status).toBe(200);
        const answer = await admin.send('DELETE', `/control/v1/sessions/${member.sessionId}`);
        expect(answer).toMatchObject({ status: 200, body: { unconfirmed: [] } });
        expect((await there.send('GET', '/x')).status).toBe(401);
      }
    });

    it('and so does a command without a server, from another machine as it were', async () => {
      const member = await one.client.newPerson('member');
      for (const gate of [one, two]) expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
      const dataDir = mkdtempSync(join(tmpdir(), 'sg-'));
      try {
        const place = ['--config', one.gate.configFile ?? '', '--data', join(dataDir, 'data')];
        const { code, output } = await runBin(['session', 'revoke', member.sessionId, ...place, '--json'], all.env);
        expect([code, JSON.parse(output)]).toEqual([0, { ended: 1, unconfirmed: [] }]);
      } finally {
        rmSync(dataDir, { recursive: true, force: true });
      }
      for (const gate of [one, two]) expect((await at(gate, member).send('GET', '/x')).status).toBe(401);
    });

    it('WK1: a key that is revoked, or rotated without an overlap', async () => {
      const { id, key } = await newKey(admin);
      expect((await useKey(two, key)).status).toBe(200);
      const rotated = await admin.send('POST', `/control/v1/keys/${id}/rotate`, { overlapSeconds: 0 });
      const next = text(rotated.body['key']);
      await until(
        'the old key is refused',
        async () => ((await useKey(two, key)).status === 401 ? true : undefined),
        1_000,
      );
      expect((await useKey(two, next)).status).toBe(200);
      const over = await admin.send('DELETE', `/control/v1/keys/${text(rotated.body['id'])}`);
      expect(over).toMatchObject({ status: 200, body: { unconfirmed: [] } });
      expect((await useKey(two, next)).status).toBe(401);
    });

    it('T10: the ownership of an object that was given to somebody else', async () => {
      const [ann, bob] = await Promise.all([one.client.newPerson('member'), one.client.newPerson('member')]);
      const id = randomUUID();
      all.chats.answerWith(jsonAnswer(201, JSON.stringify({ id })));
      expect((await at(two, ann).send('POST', '/api/chats', {})).status).toBe(201);
      all.chats.answerWith(jsonAnswer(200, '{}'));
      for (const gate of [one, two]) expect((await at(gate, ann).send('GET', `/api/chats/${id}`)).status).toBe(200);
      const grant = ['--upstream', 'chats', '--resource', 'chat', '--object', id, '--reason', 'test'];
      await one.gate.operator('owner', 'transfer', ...grant, '--user', bob.userId);
      await until(
        'the former owner is refused',
        async () => ((await at(two, ann).send('GET', `/api/chats/${id}`)).status === 404 ? true : undefined),
        1_000,
      );
      expect((await at(two, bob).send('GET', `/api/chats/${id}`)).status).toBe(200);
    });
  });

  describe('of two at once', () => {
    it('SB1: one redeems an invite that is good for one', async () => {
      for (let round = 0; round < 5; round += 1) {
        const inviteCode = await one.client.invite('member');
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? one : two).client.logInWith({ inviteCode })),
        );
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
        // 503: a busy Redis was late to count an attempt, and nothing is let through uncounted.
        expect(answers.filter(({ status }) => ![200, 401, 503].includes(status))).toEqual([]);
      }
    });

    const refresh = ({ client }: Instance, person: Person, token: string): Promise<Answer> => {
      const headers = [['cookie', `refresh=${token}`] as const, ['x-csrf-token', person.csrfToken] as const];
      return client.send('/auth/refresh', { method: 'POST', headers });
    };

    it('T19: all get the one successor of a refresh token; its grace ends everywhere, and reuse ends the family', async () => {
      const person = await one.client.newPerson('member');
      const spent = text(person.cookies.get('refresh'));
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => refresh(n % 2 === 0 ? one : two, person, spent)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const successors = new Set(answers.map(({ cookies }) => cookies.get('refresh')));
      expect(successors.size).toBe(1);
      expect((await refresh(two, person, text([...successors][0]))).status).toBe(200);
      // Its successor was presented at the other gate: whoever comes with it now is not who it was given to.
      expect((await refresh(one, person, spent)).status).toBe(401);
      for (const gate of [one, two]) {
        const token = text(answers[0]?.cookies.get('token'));
        await until('the family is over', async () => {
          const { status } = await gate.client.send('/x', { headers: [['cookie', `token=${token}`]] });
          return status === 401 ? true : undefined;
        });
      }
    });

    it('T5: one gets an object whose id the application gave to both', async () => {
      const people = await Promise.all([one.client.newPerson('member'), one.client.newPerson('member')]);
      for (let round = 0; round < 5; round += 1) {
        const id = randomUUID();
        all.chats.answerWith(jsonAnswer(201, JSON.stringify({ id })));
        const made = await Promise.all(
          people.map((person, n) => at(n === 0 ? one : two, person).send('POST', '/api/chats', {})),
        );
        expect(made.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
        all.chats.answerWith(jsonAnswer(200, '{}'));
        const winner = made.findIndex(({ status }) => status === 201);
        for (const gate of [one, two]) {
          const reads = await Promise.all(people.map((person) => at(gate, person).send('GET', `/api/chats/${id}`)));
          expect(reads.map(({ status }) => status === 200)).toEqual(people.map((_, n) => n === winner));
        }
      }
    });
  });

  it('AU10: keys are rotated at one while people sign in at both: no token is refused, wherever it is used first', async () => {
    let isDone = false;
    const refused: number[] = [];
    const walk = async (from: Instance, to: Instance): Promise<number> => {
      let count = 0;
      while (!isDone) {
        const { token } = await from.client.newTokens('member');
        const { status } = await to.client.send('/x', { headers: [['authorization', `Bearer ${token}`]] });
        if (status !== 200) refused.push(status);
        count += 1;
      }
      return count;
    };
    const walks = [walk(one, two), walk(two, one)];
    for (let round = 0; round < 3; round += 1) {
      await (round % 2 === 0 ? one : two).gate.operator('secrets', 'rotate');
    }
    isDone = true;
    const counts = await Promise.all(walks);
    expect(Math.min(...counts)).toBeGreaterThan(3);
    expect(refused).toEqual([]);
    const sets = await Promise.all([one, two].map(({ client }) => client.send('/.well-known/jwks.json')));
    expect(sets[0]?.body).toEqual(sets[1]?.body);
  });

  it('WK12, AU8: prove what they promise, and leave nothing of it in the database', async () => {
    const before = await all.database.query('SELECT count(*) FROM steadygate."user"');
    // Other claims fail: this configuration inspects nothing.
    const { controls } = JSON.parse((await two.gate.cli('posture', '--json')).stdout) as {
      controls: { id: string; state: string; detail: string }[];
    };
    const proven = controls.filter(({ id, state }) => ['WK12', 'AU8'].includes(id) && state === 'proven');
    expect(proven).toHaveLength(2);
    expect(JSON.stringify(controls)).toContain('Through two connections 40 of 80');
    expect(await all.database.query('SELECT count(*) FROM steadygate."user"')).toEqual(before);
  }, 90_000);

  it('T11: take a new configuration, each its own: streams whose route is gone close, the others go on', async () => {
    const member = await one.client.newPerson('member');
    const open = async (gate: Instance) => {
      const headers = { cookie: at(gate, member).cookie()[1], origin: gate.gate.url };
      return Promise.all([openSocket(gate.gate, headers), openEvents(gate.gate, headers)]);
    };
    const [[first, goesOn], [second]] = await Promise.all([open(one), open(two)]);
    for (const { gate } of [one, two]) {
      const file = gate.configFile ?? '';
      const config: { routes: { path: string }[] } = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...config, routes: config.routes.filter(({ path }) => path !== '/ws') }));
      gate.signal('SIGHUP');
    }
    expect([(await first.closed).code, (await second.closed).code]).toEqual([1012, 1012]);
    expect(await Promise.race([goesOn.ended.then(() => 'ended'), Promise.resolve('open')])).toBe('open');
    for (const gate of [one, two]) {
      expect((await at(gate, member).send('GET', '/x')).status).toBe(200);
      await expect(
        openSocket(gate.gate, { cookie: at(gate, member).cookie()[1], origin: gate.gate.url }),
      ).rejects.toThrow();
    }
  });

  it('that start at the same moment on an empty database agree on its keys, and every invite that was shown is good', async () => {
    const fresh = await cluster();
    try {
      const both = await Promise.all([fresh.start(), fresh.start()]);
      const shown = both.map(({ gate }) => gate.invite).filter((invite) => invite !== null);
      expect(shown.length).toBeGreaterThan(0);
      for (const invite of shown) {
        const person = await both[0].client.logIn(invite);
        for (const gate of both) expect((await at(gate, person).send('GET', '/auth/session')).status).toBe(200);
      }
      const sets = await Promise.all(both.map(({ client }) => client.send('/.well-known/jwks.json')));
      expect(sets[0]?.body['keys']).toHaveLength(2);
      expect(sets[1]?.body).toEqual(sets[0]?.body);
    } finally {
      await fresh.close();
    }
  }, 60_000);
});
