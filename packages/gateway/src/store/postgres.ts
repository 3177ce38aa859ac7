import { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { ChangeQueue } from './change-queue.ts';
import type { Database } from './database.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { storeFailure } from './postgres-failure.ts';
import { ensureSchema, exclusively } from './postgres-migrator.ts';
import { guardTables } from './postgres-guards.ts';
import { openPool } from './postgres-pool.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { PostgresWatch } from './postgres-watch.ts';
import { PostgresWriter } from './postgres-writer.ts';
import type { Schema } from './schema.ts';
import { StoreError } from './store-error.ts';

/** A connection that nobody used for so long is given back to the server. */
const IDLE_MS = 60_000;

/**
 * Connects to a PostgreSQL: one connection that changes, some that read, one that watches.
 *
 * @throws StoreError `unreachable`, `refused`
 */
export async function openPostgres(settings: PostgresSettings): Promise<Database> {
  const database = new PostgresDatabase(settings);
  try {
    await database.connect();
    return database;
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

class PostgresDatabase implements Database {
  readonly reader: Kysely<Schema>;
  readonly #settings: PostgresSettings;
  readonly #watch: PostgresWatch;
  readonly #reading: Pool;
  readonly #writer: PostgresWriter;
  readonly #queue: ChangeQueue;
  #isClosed = false;

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
    this.#watch = new PostgresWatch(settings);
    this.#reading = openPool(settings, 'read', { max: settings.connectionsMax, idleTimeoutMillis: IDLE_MS });
    this.reader = new Kysely({ dialect: postgresDialect({ query: this.#read }, settings.schema) });
    this.#writer = new PostgresWriter(settings, () => this.#assertServing());
    this.#queue = new ChangeQueue(this.#writer);
  }

  async connect(): Promise<void> {
    await this.#watch.start();
    await ensureSchema(this.#settings);
  }

  transaction: Database['transaction'] = (work) => {
    const failure = this.failure();
    return failure === undefined ? this.#queue.add(work) : Promise.reject(failure);
  };

  exclusive: Database['exclusive'] = (work) => exclusively(this.#settings, work);

  guardTables(): Promise<void> {
    return guardTables(this);
  }

  failure(): Error | undefined {
    return this.#isClosed ? new StoreError('closed', 'The store is closed.') : this.#watch.failure();
  }

  /** What was deleted stays in dead rows until the server's next vacuum, which needs the tables' owner. */
  scrub(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#queue.idle();
    this.#isClosed = true;
    await Promise.all([this.#watch.stop(), this.#reading.end(), this.#writer.end()]);
  }

  #read = async (text: string, values: readonly unknown[]) => {
    this.#assertServing();
    try {
      return await this.#reading.query(text, [...values]);
    } catch (cause) {
      throw storeFailure(cause, this.#settings);
    }
  };

  #assertServing(): void {
    const failure = this.failure();
    if (failure !== undefined) throw failure;
  }
}
