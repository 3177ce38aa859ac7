import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspectPostgres } from './postgres-inspect.ts';
import { temporaryPostgres, testServer } from './temporary-postgres.contract.ts';
import { byGate, issueInvite, NOW, signIn, temporaryStores } from './temporary-store.contract.ts';

const CHAT = { tenantId: 'default', upstream: 'app', resource: 'chat', objectId: 'c1' };
const CHAT_OF_ACME = { ...CHAT, tenantId: 'acme', objectId: 'c2' };
const TENANT_TABLES = [
  'membership',
  'invite',
  'session',
  'refreshToken',
  'apiKey',
  'apiKeyUsage',
  'apiKeyDay',
  'apiKeyNetwork',
  'block',
  'objectOwner',
  'orphanObject',
  'auditEntry',
  'stateEvent',
];

/** SS9: statements as each role runs them. What is refused here is what a stolen password, or a mistake, cannot do. */
describe.skipIf(testServer === undefined)('SS9: the roles of a prepared PostgreSQL', () => {
  const server = temporaryPostgres(testServer ?? '');
  const { open } = temporaryStores();
  const { owner, application, readOnly } = server.roles;
  const DIR = 'roles';

  beforeAll(async () => {
    await server.prepare(DIR);
    const store = await open(undefined, undefined, server.application(DIR));
    await store.signingKeys.ensure(byGate('system'));
    await store.tenants.create('acme', byGate('system'));
    await signIn(store, { name: 'Ada Lovelace' });
    await signIn(store, { name: 'Grace Hopper', tenantId: 'acme', by: byGate('acme') });
    await issueInvite(store);
    await store.owners.claim(CHAT, 'ann', NOW);
    await store.owners.claim(CHAT_OF_ACME, 'bob', NOW);
    await store.close(NOW);
  }, 60_000);

  const as = <T>(role: string, use: (client: Client) => Promise<T>): Promise<T> => server.as(role, DIR, use);
  const run = (role: string, sql: string) => as(role, (client) => client.query(sql));
  const everyTenant = `SELECT set_config('steadygate.tenant', '*', false)`;
  const inTenant = (tenant: string): string => `SELECT set_config('steadygate.tenant', '${tenant}', false)`;
  const count = (role: string, reach: string, table: string): Promise<number> =>
    as(role, async (client) => {
      if (reach !== '') await client.query(reach);
      const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM "${table}"`);
      return Number(rows[0]?.n);
    });

  describe('the application', () => {
    it.each([
      ['makes a table', 'CREATE TABLE mine (a int)'],
      ['alters one', 'ALTER TABLE "session" ADD COLUMN mine int'],
      ['drops one', 'DROP TABLE "session"'],
      ['empties one', 'TRUNCATE "session"'],
      ['makes an index', 'CREATE INDEX mine ON "session" ("userId")'],
      ['makes a function', `CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
      ['takes the guard off the log', 'ALTER TABLE "auditEntry" DISABLE TRIGGER ALL'],
      ['lifts row-level security', 'ALTER TABLE "session" DISABLE ROW LEVEL SECURITY'],
      ['drops a policy', 'DROP POLICY "tenant" ON "session"'],
      ['changes an audit entry', `UPDATE "auditEntry" SET "entry" = '{}'`],
      ['deletes audit entries', 'DELETE FROM "auditEntry"'],
      ['deletes a tenant', 'DELETE FROM "tenant"'],
      ['deletes an owner', 'DELETE FROM "objectOwner"'],
      ['deletes a key', 'DELETE FROM "apiKey"'],
      ['makes a role', 'CREATE ROLE mine'],
    ])('never %s', async (_what, sql) => {
      await expect(run(application, sql)).rejects.toThrow(/permission denied|must be owner/);
    });

    it('never lets others in', async () => {
      // PostgreSQL only warns that nothing was granted.
      await run(application, 'GRANT SELECT ON "session" TO PUBLIC');
      const { rows } = await run(owner, `SELECT has_table_privilege('public', '"session"', 'SELECT') AS may`);
      expect(rows).toEqual([{ may: false }]);
    });

    it('never becomes the owner', async () => {
      await expect(server.login(DIR, `SET ROLE "${owner}"`)).rejects.toThrow('permission denied');
    });

    it.each([
      ['a gap', `INSERT INTO "auditEntry" VALUES (99999, 0, 'default', NULL, '{}')`],
      ['one in front', `INSERT INTO "auditEntry" VALUES (0, 0, 'default', NULL, '{}')`],
    ])('SS12: never writes an audit entry with %s', async (_what, sql) => {
      await expect(run(application, `${everyTenant}; ${sql}`)).rejects.toThrow('append-only');
    });

    it('never says that the tables are newer or older than they are', async () => {
      const { rowCount } = await run(application, `UPDATE "meta" SET "value" = '1' WHERE "key" = 'schemaVersion'`);
      expect(rowCount).toBe(0);
      await expect(run(application, `INSERT INTO "meta" VALUES ('roles', '{}')`)).rejects.toThrow('row-level security');
    });
  });

  describe('another tenant’s rows', () => {
    it('stand in every table that has a tenant, so that the tests below look at something', async () => {
      const { rows } = await run(
        owner,
        `SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = relnamespace
         WHERE nspname = current_schema() AND relkind = 'r' AND attname = 'tenantId' AND relrowsecurity AND relforcerowsecurity`,
      );
      expect(rows.map(({ relname }) => String(relname)).toSorted()).toEqual(TENANT_TABLES.toSorted());
    });

    it.each(['membership', 'session', 'refreshToken', 'objectOwner', 'auditEntry'])(
      'are invisible: %s',
      async (table) => {
        const [none, mine, theirs, all] = await Promise.all([
          count(application, '', table),
          count(application, inTenant('default'), table),
          count(application, inTenant('acme'), table),
          count(application, everyTenant, table),
        ]);
        expect(none).toBe(0);
        expect(mine).toBeGreaterThan(0);
        expect(theirs).toBeGreaterThan(0);
        expect(all).toBeGreaterThanOrEqual(mine + theirs);
      },
    );

    it('are out of reach of a forgotten condition: a change touches its own tenant only', async () => {
      const everything = `UPDATE "objectOwner" SET "ownerId" = 'eve' RETURNING "tenantId"`;
      const { rows } = await as(application, async (client) => {
        await client.query(`BEGIN; ${inTenant('acme')}`);
        const changed = await client.query<{ tenantId: string }>(everything);
        await client.query('ROLLBACK');
        return changed;
      });
      expect(rows).toEqual([{ tenantId: 'acme' }]);
    });

    it('are not written either', async () => {
      const sql = `INSERT INTO "membership" VALUES ('default', 'x', 'admin', 0, NULL)`;
      await expect(run(application, `${inTenant('acme')}; ${sql}`)).rejects.toThrow('row-level security');
    });

    it('bind the owner of the tables too', async () => {
      expect(await count(owner, '', 'session')).toBe(0);
      expect(await count(owner, inTenant('acme'), 'session')).toBe(1);
    });

    it('are shown to who only looks one tenant at a time', async () => {
      const counts = [count(readOnly, '', 'auditEntry'), count(readOnly, everyTenant, 'auditEntry')];
      expect(await Promise.all(counts)).toEqual([0, 0]);
      expect(await count(readOnly, inTenant('acme'), 'auditEntry')).toBeGreaterThan(0);
    });
  });

  describe('who only looks', () => {
    it.each([
      ['adds', `INSERT INTO "tenant" VALUES ('mine', 0)`],
      ['changes', `UPDATE "session" SET "role" = 'admin'`],
      ['deletes', 'DELETE FROM "session"'],
      ['makes a table', 'CREATE TABLE mine (a int)'],
      ['holds up changes', `SELECT "value" FROM "sequence" WHERE "name" = 'change' FOR UPDATE`],
      ['locks a table', 'BEGIN; LOCK TABLE "session" IN SHARE MODE'],
    ])('never %s', async (_what, sql) => {
      await expect(run(readOnly, sql)).rejects.toThrow('permission denied');
    });

    it.each([
      ['user', 'sealedName'],
      ['subjectKey', 'wrapped'],
      ['signingKey', 'sealedPrivateKey'],
      ['refreshToken', 'digest'],
      ['refreshToken', 'successorSealed'],
      ['invite', 'codeDigest'],
      ['invite', 'linkDigest'],
      ['apiKey', 'digest'],
    ])('never sees what is sealed or a digest: %s.%s', async (table, column) => {
      await expect(run(readOnly, `SELECT "${column}" FROM "${table}"`)).rejects.toThrow('permission denied');
      await expect(run(readOnly, `SELECT * FROM "${table}"`)).rejects.toThrow('permission denied');
    });

    it('never sees the data key, wrapped though it is', async () => {
      const { rows } = await run(readOnly, 'SELECT "key" FROM "meta"');
      expect(rows).toEqual([{ key: 'schemaVersion' }]);
    });

    it('sees the rest', async () => {
      const sql = `${inTenant('default')}; SELECT "userId", "role" FROM "session"`;
      const answers: unknown = await run(readOnly, sql);
      const last: unknown = Array.isArray(answers) ? answers.at(-1) : undefined;
      expect(last).toMatchObject({ rowCount: 1 });
    });
  });

  it('is what the gate finds when it asks the server', async () => {
    const facts = await inspectPostgres(server.application(DIR));
    expect(facts).toEqual({
      kind: 'postgres',
      role: application,
      connection: { isSocket: false, protocol: undefined, isVerified: false },
      goesAround: false,
      excess: [],
      unprotected: [],
      seenWithoutTenant: 0,
      isDurable: true,
    });
    const administrator = await inspectPostgres(server.administrator(DIR));
    expect(administrator).toMatchObject({ goesAround: true, excess: expect.arrayContaining(['delete log entries']) });
    expect(administrator.seenWithoutTenant).toBeGreaterThan(0);
    await expect(inspectPostgres(server.application('nothing'))).rejects.toThrow('steadygate db prepare');
  });

  it('anybody else sees nothing at all', async () => {
    const { rows } = await run(owner, `SELECT has_schema_privilege('public', current_schema(), 'USAGE') AS may`);
    expect(rows).toEqual([{ may: false }]);
  });
});
