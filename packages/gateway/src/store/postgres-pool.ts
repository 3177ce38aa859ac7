import { Pool, type PoolConfig } from 'pg';
import { clientConfig, sessionStatements } from './postgres-client.ts';
import type { PostgresSettings } from './postgres-settings.ts';

/** Connections that are set up before anybody gets one, and whose end harms nobody but who uses it. */
export function openPool(
  settings: PostgresSettings,
  use: 'read' | 'write',
  bounds: Pick<PoolConfig, 'max' | 'idleTimeoutMillis'>,
): Pool {
  const pool = new Pool({
    ...clientConfig(settings, use),
    ...bounds,
    verify: (client, done) =>
      client.query(sessionStatements(settings, use), (failure: Error | null) => done(failure ?? undefined)),
  });
  // A connection that ends rejects its query, if it has one, and is replaced with the next.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
