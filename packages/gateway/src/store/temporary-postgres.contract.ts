import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { postgresUrl } from '../../../../e2e/support/available.ts';
import { systemRandom } from '../crypto/random.ts';
import { scramVerifier } from '../crypto/scram-verifier.ts';
import type { PreparedRoles } from './postgres-plan.ts';
import { prepareDatabase } from './postgres-prepare.ts';
import type { PostgresSettings } from './postgres-settings.ts';

/** The PostgreSQL to test against; undefined where there is none, which CI refuses before any test. */
export const testServer: string | undefined = await postgresUrl();

/** The schema that tests share which want an empty one. */
const SHARED = 'shared';

/** A password of the roles that tests make. */
const PASSWORD = randomBytes(16).toString('hex');

/**
 * Roles and schemas of their own for the tests of a file. They go with it.
 *
 * Call `temporaryStores` after it: what is registered last is torn down first.
 */
export function temporaryPostgres(server: string) {
  const name = `sg_test_${randomBytes(6).toString('hex')}`;
  const roles: PreparedRoles = { owner: `${name}_owner`, application: `${name}_app`, readOnly: `${name}_read` };
  const schemas = new Map<string, string>();
  const used = new Set<string>();

  afterAll(async () => {
    await asAdministrator(server, async (client) => {
      for (const schema of schemas.values()) await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
      for (const role of Object.values(roles)) {
        const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
        if (rowCount === 1) await client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
      }
    });
  });

  const schemaOf = (dir: string): string => {
    const schema = schemas.get(dir) ?? `${name}_${schemas.size}`;
    schemas.set(dir, schema);
    return schema;
  };
  const administrator = (dir: string): PostgresSettings => settingsOf(server, schemaOf(dir));

  return {
    roles,
    administrator,
    /** The application role's connection to a schema that nobody prepared yet. */
    application: (dir: string): PostgresSettings => ({
      ...administrator(dir),
      user: roles.application,
      password: { reveal: () => PASSWORD },
    }),
    async prepare(dir: string) {
      const { database, schema } = administrator(dir);
      const verifier = scramVerifier(PASSWORD, systemRandom);
      return prepareDatabase(administrator(dir), { database, schema, roles, verifier });
    },
    /** The application role's connection to a prepared schema that is empty at the first use for a data directory. */
    async empty(dir: string): Promise<PostgresSettings> {
      if (schemas.size === 0) await this.prepare(SHARED);
      else if (!used.has(dir)) await asAdministrator(server, (client) => empty(client, schemaOf(SHARED)));
      used.add(dir);
      return this.application(SHARED);
    },
    /** Logs in as the application and runs a statement. */
    login: (dir: string, statement: string): Promise<unknown> => {
      const url = new URL(server);
      url.username = roles.application;
      url.password = PASSWORD;
      return asAdministrator(url.href, (client) => client.query(`SET search_path TO "${schemaOf(dir)}"; ${statement}`));
    },
    /** Runs statements as one of the roles, in a schema. */
    as<T>(role: string, dir: string, use: (client: Client) => Promise<T>): Promise<T> {
      return asAdministrator(server, async (client) => {
        await client.query(`SET ROLE "${role}"; SET search_path TO "${schemaOf(dir)}"`);
        return use(client);
      });
    },
  };
}

/** As after the preparation. Much faster than another one. */
async function empty(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1',
    [schema],
  );
  const kept: Readonly<Record<string, string>> = {
    meta: `WHERE "key" = 'dataKey'`,
    sequence: `WHERE "name" <> 'change'`,
  };
  const statements = rows.map(({ name }) => `DELETE FROM "${schema}"."${name}" ${kept[name] ?? ''}`);
  // Neither references nor the guard of the audit log are looked at.
  await client.query(['BEGIN', 'SET LOCAL session_replication_role = replica', ...statements, 'COMMIT'].join('; '));
}

async function asAdministrator<T>(server: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(server);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function settingsOf(server: string, schema: string): PostgresSettings {
  const url = new URL(server);
  return {
    kind: 'postgres',
    host: url.hostname,
    port: Number(url.port || 5432),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: { reveal: () => decodeURIComponent(url.password) },
    tls: { mode: 'disable' },
    schema,
    connectionsMax: 4,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 10_000,
    idleTransactionTimeoutMs: 10_000,
    prepareCommand: 'steadygate db prepare',
  };
}
