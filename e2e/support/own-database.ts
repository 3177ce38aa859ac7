import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database of a test's own. */
export interface OwnDatabase {
  /** As a gate is configured with it. */
  readonly url: string;
  /** Runs one statement in it, as whoever owns the tests' server. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** Makes an empty database on a server. */
export async function ownDatabase(server: string): Promise<OwnDatabase> {
  const name = `sg_e2e_${randomBytes(8).toString('hex')}`;
  await once(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (text, values) => once(url.href, text, values),
    drop: async () => void (await once(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

async function once(at: string, text: string, values: readonly unknown[] = []) {
  const client = new Client(at);
  await client.connect();
  try {
    // Rows are what the statement selects.
    const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}
