import { createHash } from 'node:crypto';
import { Kysely } from 'kysely';
import { Client, escapeIdentifier } from 'pg';
import { clientConfig, type ConnectionUse, sessionStatements } from './postgres-client.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { storeFailure } from './postgres-failure.ts';
import { type PostgresSettings, serverName } from './postgres-settings.ts';
import { LOCK_CHANGES } from './postgres-writer.ts';
import type { Schema } from './schema.ts';
import { StoreError } from './store-error.ts';

/**
 * Runs one step in a transaction of its own; other processes' steps wait for it, and a crash leaves nothing of it.
 *
 * @throws StoreError `unprepared` when this role may not change tables
 */
export async function exclusively<T>(settings: PostgresSettings, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  return withClient(settings, 'migrate', (client) =>
    underLock(client, settings, async () => {
      await ensureSchema(client, settings);
      await holdChanges(client, settings);
      const query = (text: string, values: readonly unknown[]) => client.query(text, [...values]);
      return work(new Kysely({ dialect: postgresDialect({ query }, settings.schema) }));
    }),
  );
}

/** Makes the schema where there is none, if this role may make tables there. */
async function ensureSchema(client: Client, settings: PostgresSettings): Promise<void> {
  const { rows } = await client.query<{ isThere: boolean; may: boolean }>(MAY, [settings.schema]);
  const { isThere = false, may = false } = rows[0] ?? {};
  // Least privilege is no failure: it only means that somebody else does this (SS9).
  if (!may) throw unprepared(settings);
  if (!isThere) await client.query(`CREATE SCHEMA ${escapeIdentifier(settings.schema)}`);
}

/** Says what an administrator has to run. */
export function unprepared(settings: PostgresSettings): StoreError {
  return new StoreError(
    'unprepared',
    `The database ${serverName(settings)} is not ready for this program, and its role ${settings.user} may not change tables. Run: ${settings.prepareCommand}`,
  );
}

const MAY = `
  SELECT n.oid IS NOT NULL AS "isThere",
    CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
      ELSE has_schema_privilege(n.oid, 'CREATE') END AS may
  FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = $1`;

/** Connects for as long as `work` takes. */
export async function withClient<T>(
  settings: PostgresSettings,
  use: ConnectionUse,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(clientConfig(settings, use));
  // What ends the connection also rejects the query that is under way.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sessionStatements(settings, use));
    return await work(client);
  } catch (cause) {
    throw storeFailure(cause, settings);
  } finally {
    await client.end();
  }
}

/** A step takes locks that changes hold, and changes wait for rows: both at once would block each other. */
export async function holdChanges(client: Client, { statementTimeoutMs }: PostgresSettings): Promise<void> {
  await client.query(`SET LOCAL lock_timeout TO ${statementTimeoutMs}`);
  const { rows } = await client.query<{ isThere: boolean }>(
    `SELECT to_regclass('"sequence"') IS NOT NULL AS "isThere"`,
  );
  if (rows[0]?.isThere === true) await client.query(LOCK_CHANGES);
}

/** The lock goes with the transaction, however that ends. */
export async function underLock<T>(client: Client, { schema }: PostgresSettings, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${lockNumber(schema)})`);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}

/** Of the 2⁶⁴ numbers that all programs on the database share. */
function lockNumber(schema: string): bigint {
  return createHash('sha256').update(`steadygate schema ${schema}`).digest().readBigInt64BE();
}
