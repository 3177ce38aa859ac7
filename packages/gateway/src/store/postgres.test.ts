import { createSecretKey, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../crypto/random.ts';
import { digestOf } from '../crypto/digest.ts';
import { openPostgres } from './postgres.ts';
import { prepareDatabase } from './postgres-prepare.ts';
import { EVERY_TENANT } from './reach.ts';
import type { Store } from './store.ts';
import { temporaryPostgres, testServer } from './temporary-postgres.contract.ts';
import { auditOf, byGate, HOUR, issueInvite, NOW, signIn, temporaryStores } from './temporary-store.contract.ts';

const CHAT = { tenantId: 'default', upstream: 'app', resource: 'chat' };
const code = (value: string) => expect.objectContaining({ name: 'StoreError', code: value });

describe.skipIf(testServer === undefined)('PostgreSQL', () => {
  const server = temporaryPostgres(testServer ?? '');
  const { open, dataDir } = temporaryStores();
  const { owner, application, readOnly } = server.roles;
  const admin = (name: string) => server.administrator(name);
  /** One more instance: a data directory of its own on the same database. */
  const instance = (name: string): Promise<Store> => open(dataDir(), undefined, server.application(name));
  const asOwner = (name: string, sql: string) =>
    server.as(owner, name, async (client) => {
      await client.query(`SELECT set_config('steadygate.tenant', '*', false)`);
      return client.query(sql);
    });
  const rivals = <T>(stores: readonly Store[], act: (store: Store, at: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 24 }, (_, at) => act(stores[at % stores.length] ?? never(), at)));

  describe('starting', () => {
    it('four instances at once on an empty database come up, with one data key and one set of tables', async () => {
      const stores = await Promise.all([1, 2, 3, 4].map(() => open(dataDir(), undefined, admin('empty'))));
      const { session } = await signIn(stores[0] ?? never(), { name: 'Ada' });
      for (const store of stores) {
        expect((await store.users.get(byGate().actor, session.userId))?.name).toBe('Ada');
        expect((await store.tenants.list(byGate('system').actor)).map(({ id }) => id)).toEqual(['default', 'system']);
      }
      const made = (await auditOf(stores[3] ?? never())).filter(({ action }) => action === 'tenant.created');
      expect(made).toHaveLength(2);
    });

    it('four more at once on a prepared one, which they cannot change', async () => {
      await server.prepare('prepared');
      const stores = await Promise.all([1, 2, 3, 4].map(() => instance('prepared')));
      await Promise.all(stores.map((store) => store.signingKeys.ensure(byGate('system'))));
      expect(await stores[0]?.signingKeys.load(NOW)).toHaveLength(2);
    });

    it('a newer schema is refused, and left as it is', async () => {
      await server.prepare('newer');
      await (await instance('newer')).close(NOW);
      await asOwner('newer', `UPDATE "meta" SET "value" = '999' WHERE "key" = 'schemaVersion'`);
      await expect(instance('newer')).rejects.toThrow(code('newer-schema'));
      await expect(open(dataDir(), undefined, admin('newer'))).rejects.toThrow(code('newer-schema'));
      await expect(server.prepare('newer')).rejects.toThrow(code('newer-schema'));
      const { rows } = await asOwner('newer', `SELECT "value" FROM "meta" WHERE "key" = 'schemaVersion'`);
      expect(rows).toEqual([{ value: '999' }]);
    });

    it.each([
      ['there are no tables', undefined],
      ['the tables are older', `UPDATE "meta" SET "value" = '0' WHERE "key" = 'schemaVersion'`],
      ['the guards are older', `UPDATE "meta" SET "value" = 'old' WHERE "key" = 'guards'`],
    ])('SS9: when %s, the application role does not mend it: it names the command', async (what, aged) => {
      if (aged !== undefined) {
        await server.prepare(what);
        await asOwner(what, aged);
      }
      const refused = instance(what);
      await expect(refused).rejects.toThrow(code('unprepared'));
      await expect(refused).rejects.toThrow('Run: steadygate db prepare');
    });

    it('a crash in the middle of a step leaves nothing of it, and the next start goes on', async () => {
      const settings = admin('crash');
      const database = await openPostgres(settings);
      const killed = database.exclusive(async (db) => {
        await db.schema.createTable('half').addColumn('a', 'text').execute();
        await asAdmin(
          settings,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'steadygate migrate' AND query LIKE '%"half"%' AND pid <> pg_backend_pid()`,
        );
        await db.schema.createTable('other').addColumn('a', 'text').execute();
      });
      await expect(killed).rejects.toThrow(code('unreachable'));
      await database.close();
      const store = await open(dataDir(), undefined, settings);
      await signIn(store);
      const { rows } = await asAdmin(settings, `SELECT count(*)::int AS n FROM pg_tables WHERE tablename = 'half'`);
      expect(rows).toEqual([{ n: 0 }]);
    });

    it('another key-encryption key is refused', async () => {
      await server.prepare('kek');
      await instance('kek');
      const other = createSecretKey(randomBytes(32));
      await expect(open(dataDir(), other, server.application('kek'))).rejects.toThrow(code('wrong-key'));
    });
  });

  describe('instances on one database', () => {
    it('T17: of any number of redeemers on any instance, as many get in as an invite has uses', async () => {
      await server.prepare('race');
      const stores = await Promise.all([instance('race'), instance('race'), instance('race')]);
      const { codeDigest } = await issueInvite(stores[0] ?? never(), { uses: 5 });
      const redemption = { digest: codeDigest, kind: 'invite', sessionEndsAtMs: NOW + HOUR, nowMs: NOW } as const;
      const started = await rivals(stores, (store) => store.invites.redeem(redemption));
      expect(started.filter((session) => session !== undefined)).toHaveLength(5);
    });

    it('T5: an object that everybody claims has one owner', async () => {
      await server.prepare('race');
      const stores = await Promise.all([instance('race'), instance('race')]);
      const object = { ...CHAT, objectId: systemRandom.id() };
      const outcomes = await rivals(stores, (store, at) => store.owners.claim(object, `user-${at}`, NOW));
      expect(outcomes.filter((outcome) => outcome === 'claimed')).toHaveLength(1);
    });

    it('T19: a refresh token that is rotated everywhere at once has one successor', async () => {
      await server.prepare('race');
      const stores = await Promise.all([instance('race'), instance('race')]);
      const { refreshToken } = await signIn(stores[0] ?? never());
      const at = { nowMs: NOW, idleMs: HOUR, graceMs: 10_000 };
      const rotations = await rivals(stores, (store) => store.sessions.rotate(refreshToken, at));
      const successors = rotations.map((rotation) =>
        'refreshToken' in rotation ? rotation.refreshToken : rotation.kind,
      );
      expect(rotations.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
      expect(new Set(successors).size).toBe(1);
    });

    it('an id that two make at once is one’s', async () => {
      await server.prepare('race');
      const stores = await Promise.all([instance('race'), instance('race')]);
      const id = systemRandom.id();
      const draft = {
        id,
        name: 'n',
        isImported: false,
        environment: 'live',
        permissions: ['a:read'],
        addresses: [],
        rate: undefined,
        lifeMs: undefined,
      } as const;
      const made = await rivals(stores, (store, at) =>
        store.apiKeys
          .create({ ...draft, digest: digestOf(`k${at}`) }, byGate(at % 2 === 0 ? 'default' : 'acme'))
          .catch(String),
      );
      expect(made.filter((key) => typeof key === 'object')).toHaveLength(1);
    });

    it('SB12, T11: number audit entries and events without gaps, in the order of their commits', async () => {
      await server.prepare('order');
      const stores = await Promise.all([instance('order'), instance('order'), instance('order')]);
      await rivals(stores, (store) => signIn(store));
      await rivals(stores, (store, at) => store.tenants.create(`t${at}`, byGate('system', NOW + at)));
      const entries = await auditOf(stores[1] ?? never());
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
      const { rows } = await asOwner('order', 'SELECT "seq"::int AS n FROM "stateEvent" ORDER BY "seq"');
      expect(rows.length).toBeGreaterThan(24);
      expect(rows.map(({ n }) => Number(n))).toEqual(rows.map((_, at) => at + 1));
    });

    it('change one after the other: what a change has read stays true until it commits', async () => {
      await server.prepare('order');
      const settings = server.application('order');
      const databases = await Promise.all([openPostgres(settings), openPostgres(settings)]);
      const changes = databases.flatMap((database) =>
        Array.from({ length: 12 }, () =>
          database.transaction(EVERY_TENANT, async ({ db }) => {
            const read = db.selectFrom('meta').select('value').where('key', '=', 'dataKey');
            const { value } = await read.executeTakeFirstOrThrow();
            await db
              .updateTable('meta')
              .set({ value: `${value}.` })
              .where('key', '=', 'dataKey')
              .execute();
          }),
        ),
      );
      await Promise.all(changes);
      const row = databases[0].reader(EVERY_TENANT).selectFrom('meta').select('value').where('key', '=', 'dataKey');
      expect((await row.executeTakeFirstOrThrow()).value).toMatch(/[^.]\.{24}$/);
      await asOwner('order', `UPDATE "meta" SET "value" = rtrim("value", '.') WHERE "key" = 'dataKey'`);
      await Promise.all(databases.map((database) => database.close()));
    });

    it('neither deadlock nor wait for ever when they change the same rows in any order', async () => {
      await server.prepare('order');
      const stores = await Promise.all([instance('order'), instance('order')]);
      const people = await Promise.all(Array.from({ length: 6 }, () => signIn(stores[0] ?? never())));
      await rivals(stores, async (store, at) => {
        const order = at % 2 === 0 ? people : people.toReversed();
        for (const { session } of order) await store.sessions.endAllOfUser(session.userId, byGate());
      });
      for (const { session } of people) expect((await stores[1]?.sessions.byId(session.id))?.endedAtMs).toBe(NOW);
    });
  });

  describe('preparing', () => {
    it('again changes nothing, and takes over what one role made alone', async () => {
      const alone = await open(dataDir(), undefined, admin('alone'));
      const { session } = await signIn(alone, { name: 'Ada' });
      await alone.close(NOW);
      const first = await server.prepare('alone');
      expect(first.map(({ says }) => says)).toContain(`Give what stands in it to ${owner}`);
      const again = await server.prepare('alone');
      expect(again.length).toBeLessThan(first.length);
      const store = await instance('alone');
      expect((await store.users.get(byGate().actor, session.userId))?.name).toBe('Ada');
      const { rows } = await asOwner(
        'alone',
        'SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = current_schema()',
      );
      expect(rows).toEqual([{ owner }]);
    });

    it('goes on beside instances that serve: they wait a little and lose nothing', async () => {
      await server.prepare('busy');
      const stores = await Promise.all([instance('busy'), instance('busy')]);
      const people = await Promise.all(stores.map((store) => signIn(store)));
      const work = rivals(stores, async (store, at) => {
        for (let turn = 0; turn < 8; turn += 1) {
          const object = { ...CHAT, objectId: `b${at}-${turn}` };
          expect(await store.owners.claim(object, 'ann', NOW)).toBe('claimed');
          expect(await store.owners.ownerOf({ ...object })).toBe('ann');
          const session = people[at % 2]?.session.id ?? '';
          expect((await store.sessions.byId(session))?.id).toBe(session);
        }
      });
      for (let turn = 0; turn < 3; turn += 1) await server.prepare('busy');
      await work;
      const entries = await auditOf(stores[0] ?? never());
      expect(entries.filter(({ action }) => action === 'object.claimed')).toHaveLength(24 * 8);
    });

    it('leaves its marks with whoever owns the tables: a gate that starts as the owner takes nothing away', async () => {
      await server.prepare('mixed');
      await asOwner('mixed', `DELETE FROM "meta" WHERE "key" = 'guards'`);
      await (await open(dataDir(), undefined, admin('mixed'))).close(NOW);
      const store = await instance('mixed');
      await signIn(store);
      expect((await auditOf(store)).length).toBeGreaterThan(2);
    });

    it.each([
      ['a superuser', (role: string) => `ALTER ROLE "${role}" SUPERUSER`, 'NOSUPERUSER'],
      ['who goes around row-level security', (role: string) => `ALTER ROLE "${role}" BYPASSRLS`, 'NOBYPASSRLS'],
    ])('SS9: refuses %s as the application', async (_what, change, back) => {
      await server.prepare('refused');
      await asAdmin(admin('refused'), change(application));
      await expect(server.prepare('refused')).rejects.toThrow(code('refused'));
      await asAdmin(admin('refused'), `ALTER ROLE "${application}" ${back}`);
      await server.prepare('refused');
    });

    it('SS9: refuses a role that may act as the owner', async () => {
      await server.prepare('refused');
      await asAdmin(admin('refused'), `GRANT "${owner}" TO "${readOnly}"`);
      await expect(server.prepare('refused')).rejects.toThrow(owner);
      await asAdmin(admin('refused'), `REVOKE "${owner}" FROM "${readOnly}"`);
    });

    it('lets its roles connect where not everybody may', async () => {
      const closed = `${server.roles.owner}_db`;
      await asAdmin(admin('closed'), `CREATE DATABASE "${closed}"`);
      try {
        await asAdmin(admin('closed'), `REVOKE CONNECT ON DATABASE "${closed}" FROM PUBLIC`);
        const settings = { ...admin('closed'), database: closed };
        const request = { database: closed, schema: settings.schema, roles: server.roles, verifier: undefined };
        await prepareDatabase(settings, request);
        const may = `has_database_privilege('${application}', '${closed}', 'CONNECT') AS may`;
        expect((await asAdmin(settings, `SELECT ${may}`)).rows).toEqual([{ may: true }]);
        await asAdmin(settings, `DROP OWNED BY "${owner}", "${application}", "${readOnly}" CASCADE`);
      } finally {
        await asAdmin(admin('closed'), `DROP DATABASE "${closed}" WITH (FORCE)`);
      }
    });

    it('does everything or nothing', async () => {
      const settings = admin('atomic');
      const roles = { owner: `${owner}_2`, application: `${application}_2`, readOnly: 'pg_forbidden' };
      const request = { database: settings.database, schema: settings.schema, roles, verifier: undefined };
      await expect(prepareDatabase(settings, request)).rejects.toThrow('pg_forbidden');
      const { rowCount } = await asAdmin(settings, `SELECT FROM pg_roles WHERE rolname LIKE '${owner}_2'`);
      expect(rowCount).toBe(0);
    });
  });

  it('gives back what was stored: large numbers as numbers, bytes as bytes, texts sorted by their bytes', async () => {
    await server.prepare('types');
    const database = await openPostgres(server.application('types'));
    const bytes = Uint8Array.from([0, 255, 39, 92, 10]);
    const row = { sealedName: bytes, createdAtMs: 8_640_000_000_000_000, disabledAtMs: null, erasedAtMs: null };
    await database.transaction(EVERY_TENANT, async ({ db }) => {
      for (const id of ['b', 'B', 'ä', 'a', '_'])
        await db
          .insertInto('user')
          .values({ id, ...row })
          .execute();
    });
    const rows = await database.reader(EVERY_TENANT).selectFrom('user').selectAll().orderBy('id').execute();
    expect(rows.map(({ id }) => id)).toEqual(['B', '_', 'a', 'b', 'ä']);
    expect(rows[0]).toEqual({ id: 'B', ...row });
    expect(Object.getPrototypeOf(rows[0]?.sealedName)).toBe(Uint8Array.prototype);
    await asOwner('types', `INSERT INTO "sequence" VALUES ('large', 9007199254740993)`);
    const large = database.reader(EVERY_TENANT).selectFrom('sequence').selectAll().where('name', '=', 'large');
    await expect(large.execute()).rejects.toThrow('too large');
    expect(database.failure()).toBeUndefined();
    await database.close();
    await expect(large.execute()).rejects.toThrow(code('closed'));
  });

  it('T15: no tenant is called like the reach over all of them', async () => {
    await server.prepare('types');
    const store = await instance('types');
    await expect(store.owners.claim({ ...CHAT, tenantId: '*', objectId: 'c' }, 'ann', NOW)).rejects.toThrow(
      'no tenant',
    );
    await expect(store.users.list({ ...byGate('*').actor }, { limit: 1 })).rejects.toThrow('no tenant');
  });

  it('changes cannot be written to once they are over, and readers never write', async () => {
    await server.prepare('types');
    const database = await openPostgres(server.application('types'));
    let kept: Parameters<Parameters<typeof database.transaction>[1]>[0] | undefined;
    await database.transaction(EVERY_TENANT, (tx) => {
      kept = tx;
      return Promise.resolve();
    });
    const row = { id: 'late', createdAtMs: 0 };
    await expect(kept?.db.insertInto('tenant').values(row).execute()).rejects.toThrow('outside');
    await expect(database.reader(EVERY_TENANT).insertInto('tenant').values(row).execute()).rejects.toThrow();
    await database.close();
  });

  it('changes fail alone: their neighbours in the same commit stay', async () => {
    await server.prepare('types');
    const database = await openPostgres(server.application('types'));
    const put = (id: string) =>
      database.transaction(EVERY_TENANT, async ({ db }) => {
        await db
          .insertInto('tenant')
          .values({ id: `${id} first`, createdAtMs: 0 })
          .execute();
        await db.insertInto('tenant').values({ id, createdAtMs: 0 }).execute();
      });
    const outcomes = await Promise.allSettled([put('a'), put('b'), put('a'), put('c')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const rows = await database
      .reader(EVERY_TENANT)
      .selectFrom('tenant')
      .select('id')
      .where('id', '<', 'd')
      .orderBy('id')
      .execute();
    expect(rows.map(({ id }) => id)).toEqual(['a', 'a first', 'b', 'b first', 'c', 'c first']);
    await database.close();
  });

  async function asAdmin({ host, port, database, user, password }: ReturnType<typeof admin>, sql: string) {
    const client = new Client({ host, port, database, user, password: () => password?.reveal() ?? '' });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }
});

function never(): never {
  throw new Error('there is one');
}
