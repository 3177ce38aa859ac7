import { createHash } from 'node:crypto';
import { Kysely, sql } from 'kysely';
import { ChangeQueue } from './change-queue.ts';
import type { Database } from './database.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { inspectPostgres } from './postgres-inspect.ts';
import { exclusively } from './postgres-migrator.ts';
import { guardTables } from './postgres-guards.ts';
import { PostgresReader } from './postgres-reader.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { PostgresSockets } from './postgres-sockets.ts';
import { PostgresWatch } from './postgres-watch.ts';
import { PostgresWriter } from './postgres-writer.ts';
import type { Reach } from './reach.ts';
import type { Schema } from './schema.ts';
import type { StoreFacts } from './store-facts.ts';
import { StoreError } from './store-error.ts';

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

/** Changes in progress and farewells have so long at the end. */
const CLOSE_MS = 5_000;

class PostgresDatabase implements Database {
  readonly isShared = true;
  readonly feedReader: Kysely<Schema>;
  readonly #settings: PostgresSettings;
  readonly #sockets = new PostgresSockets();
  readonly #channel: string;
  readonly #watch: PostgresWatch;
  readonly #reader: PostgresReader;
  readonly #writer: PostgresWriter;
  readonly #queue: ChangeQueue;
  #isClosed = false;

  constructor(given: PostgresSettings) {
    const settings = { ...given, makeSocket: this.#sockets.make };
    this.#settings = settings;
    this.#channel = channelOf(settings);
    this.#watch = new PostgresWatch(settings, this.#channel);
    this.feedReader = new Kysely({ dialect: postgresDialect({ query: this.#watch.query }, settings.schema) });
    this.#reader = new PostgresReader(settings, () => this.#assertServing());
    this.#writer = new PostgresWriter(settings, () => this.#assertServing());
    this.#queue = new ChangeQueue(this.#writer);
  }

  connect(): Promise<void> {
    return this.#watch.start();
  }

  reader = (reach: Reach): Kysely<Schema> => this.#reader.of(reach);

  transaction: Database['transaction'] = (reach, work) => {
    const failure = this.failure();
    return failure === undefined ? this.#queue.add(reach, work) : Promise.reject(failure);
  };

  exclusive: Database['exclusive'] = (work) => exclusively(this.#settings, work);

  guardTables(): Promise<void> {
    return guardTables(this, this.#settings.schema);
  }

  aside: Database['aside'] = async (work) => {
    await work(this.feedReader);
  };

  /** One for all changes of a commit: the server drops what is the same. */
  announce: Database['announce'] = async ({ db }) => {
    await sql`SELECT pg_notify(${this.#channel}, '')`.execute(db);
  };

  onAnnounced(listener: () => void): void {
    this.#watch.onNotified(listener);
  }

  failure(): Error | undefined {
    return this.#isClosed ? new StoreError('closed', 'The store is closed.') : this.#watch.failure();
  }

  facts(): Promise<StoreFacts> {
    return inspectPostgres(this.#settings);
  }

  /** What was deleted stays in dead rows until the server vacuums them, which the guards ask for soon: only the tables' owner may. */
  scrub(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    // A server that is away answers no farewell, and holds nobody up.
    const giveUp = (): void => this.#sockets.destroyAll();
    if (this.failure() !== undefined) giveUp();
    const timer = setTimeout(giveUp, CLOSE_MS);
    await this.#queue.idle();
    this.#isClosed = true;
    await Promise.all([this.#watch.stop(), this.#reader.end(), this.#writer.end()]);
    clearTimeout(timer);
  }

  #assertServing(): void {
    const failure = this.failure();
    if (failure !== undefined) throw failure;
  }
}

/** All programs on a database share its channels, and a channel's name is short. */
function channelOf({ schema }: PostgresSettings): string {
  return `steadygate_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;
}
