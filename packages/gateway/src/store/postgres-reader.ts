import { Kysely } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { postgresDialect } from './postgres-dialect.ts';
import { storeFailure, survives } from './postgres-failure.ts';
import { openPool } from './postgres-pool.ts';
import { reachStatement } from './postgres-reach.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import type { Reach } from './reach.ts';
import type { Schema } from './schema.ts';

/** A connection that nobody used for so long is given back to the server. */
const IDLE_MS = 60_000;

/** The connections that read. Each is held to one reach at a time, and remembers which. */
export class PostgresReader {
  readonly #settings: PostgresSettings;
  readonly #assertServing: () => void;
  readonly #pool: Pool;
  /** The statement by which a connection was last told its reach. */
  readonly #reached = new WeakMap<PoolClient, string>();

  constructor(settings: PostgresSettings, assertServing: () => void) {
    this.#settings = settings;
    this.#assertServing = assertServing;
    this.#pool = openPool(settings, 'read', { max: settings.connectionsMax, idleTimeoutMillis: IDLE_MS });
  }

  /** Queries under one reach. */
  of(reach: Reach): Kysely<Schema> {
    const query = (text: string, values: readonly unknown[]) =>
      this.#query(reachStatement(reach, 'connection'), text, values);
    return new Kysely({ dialect: postgresDialect({ query }, this.#settings.schema) });
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  async #query(reach: string, text: string, values: readonly unknown[]) {
    this.#assertServing();
    try {
      const client = await this.#pool.connect();
      return await this.#queryOn(client, reach, { text, values: [...values] });
    } catch (cause) {
      throw storeFailure(cause, this.#settings);
    }
  }

  async #queryOn(client: PoolClient, reach: string, query: { text: string; values: unknown[] }) {
    let isDead = true;
    try {
      if (this.#reached.get(client) !== reach) {
        await client.query(reach);
        this.#reached.set(client, reach);
      }
      const answer = await client.query(query);
      isDead = false;
      return answer;
    } catch (cause) {
      isDead = !survives(cause);
      throw cause;
    } finally {
      client.release(isDead);
    }
  }
}
