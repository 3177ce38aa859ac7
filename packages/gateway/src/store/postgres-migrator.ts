import { createHash } from 'node:crypto';
import { Kysely } from 'kysely';
import { Client, escapeIdentifier } from 'pg';
import { clientConfig, sessionStatements } from './postgres-client.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { storeFailure } from './postgres-failure.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import type { Schema } from './schema.ts';

/** Makes sure that the schema exists. @throws StoreError `refused` when this role may not make it */
export async function ensureSchema(settings: PostgresSettings): Promise<void> {
  await withClient(settings, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [settings.schema]);
    if (rowCount !== 0) return;
    await underLock(client, settings, async () => {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(settings.schema)}`);
    });
  });
}

/** Runs one step in a transaction of its own; other processes' steps wait for it, and a crash leaves nothing of it. */
export async function exclusively<T>(settings: PostgresSettings, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  return withClient(settings, (client) =>
    underLock(client, settings, () => {
      const query = (text: string, values: readonly unknown[]) => client.query(text, [...values]);
      return work(new Kysely({ dialect: postgresDialect({ query }, settings.schema) }));
    }),
  );
}

async function withClient<T>(settings: PostgresSettings, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(clientConfig(settings, 'migrate'));
  // What ends the connection also rejects the query that is under way.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sessionStatements(settings, 'migrate'));
    return await use(client);
  } catch (cause) {
    throw storeFailure(cause, settings);
  } finally {
    await client.end();
  }
}

/** The lock goes with the transaction, however that ends. */
async function underLock<T>(client: Client, { schema }: PostgresSettings, work: () => Promise<T>): Promise<T> {
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
