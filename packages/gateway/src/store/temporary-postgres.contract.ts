import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { postgresUrl } from '../../../../e2e/support/available.ts';
import type { PostgresSettings } from './postgres-settings.ts';

/** The PostgreSQL to test against; undefined where there is none, which CI refuses before any test. */
export const testServer: string | undefined = await postgresUrl();

/** Gives each data directory a schema of its own, which goes with the tests. Call `temporaryStores` first: stores close before. */
export function temporarySchemas(server: string) {
  const schemas = new Map<string, string>();

  afterAll(async () => {
    await asAdministrator(server, async (client) => {
      for (const schema of schemas.values()) await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    });
  });

  return (dir: string): Promise<PostgresSettings> => {
    const schema = schemas.get(dir) ?? `sg_test_${randomBytes(8).toString('hex')}`;
    schemas.set(dir, schema);
    return Promise.resolve(settingsOf(server, schema));
  };
}

/** Runs statements as the role of the tests' server. */
async function asAdministrator<T>(server: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(server);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The tests' server, with one schema on it. */
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
  };
}
