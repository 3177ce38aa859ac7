import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { ChangeQueue, type QueueHost } from './change-queue.ts';
import { ensurePrivateFile, fileIdentity } from './data-files.ts';
import type { Database } from './database.ts';
import type { DataLock } from './lock.ts';
import { guardAudit } from './sqlite-guards.ts';
import { inspectSqlite } from './sqlite-inspect.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import type { StoreFacts } from './store-facts.ts';
import { StoreError, storeErrorCode } from './store-error.ts';
import type { Schema } from './schema.ts';
import { EVERY_TENANT } from './reach.ts';

/** For another program's short lock on the file, such as a backup's. Blocks the process: keep it short. */
const BUSY_TIMEOUT_MS = 1000;

/** The file in a data directory that holds everything. */
export const STORE_FILE = 'steadygate.db';

/**
 * Opens the SQLite database of a locked data directory: one connection that changes, one that reads.
 *
 * Nothing is written before the file was found sound and of a schema that this program knows.
 *
 * @throws StoreError `corrupt`, `newer-schema`, `unwritable`
 */
export function openSqlite(lock: DataLock): Database {
  const path = join(lock.dataDir, STORE_FILE);
  inspectSqlite(path);
  ensurePrivateFile(path);
  try {
    return new SqliteDatabase(path);
  } catch (cause) {
    const code = storeErrorCode(cause);
    if (code === undefined) throw cause;
    throw new StoreError(code, `The store ${path} cannot be opened.`, { cause });
  }
}

class SqliteDatabase implements Database {
  readonly isShared = false;
  /** Every tenant's: SQLite cannot hold a query to less. */
  readonly reader: Database['reader'];
  readonly feedReader: Kysely<Schema>;
  readonly #path: string;
  readonly #identity: string | undefined;
  readonly #writing: DatabaseSync;
  readonly #reading: DatabaseSync;
  readonly #queue: ChangeQueue;
  #failure: StoreError | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#writing = connectWriting(path);
    this.#reading = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    this.#identity = fileIdentity(path);
    const reader = this.#kysely(this.#reading, () => this.#assertAlive());
    this.reader = () => reader;
    this.feedReader = reader;
    this.#queue = new ChangeQueue(this.#host());
  }

  transaction: Database['transaction'] = (reach, work) => {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#queue.add(reach, work);
  };

  exclusive: Database['exclusive'] = (work) => this.transaction(EVERY_TENANT, ({ db }) => work(db));

  guardTables(): Promise<void> {
    return guardAudit(this);
  }

  aside: Database['aside'] = (work) => this.transaction(EVERY_TENANT, async ({ db }) => void (await work(db)));

  announce(): Promise<void> {
    return Promise.resolve();
  }

  /** This process is told by itself, and there is no other. */
  onAnnounced(): void {}

  failure(): Error | undefined {
    if (this.#failure === undefined && fileIdentity(this.#path) !== this.#identity) this.#lose();
    return this.#failure;
  }

  facts(): Promise<StoreFacts> {
    return Promise.resolve({ kind: 'sqlite' });
  }

  async scrub(): Promise<void> {
    await this.#queue.idle();
    this.#assertServing();
    this.#writing.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    if (this.#failure?.code === 'closed') return;
    this.#failure = new StoreError('closed', 'The store is closed.');
    this.#reading.close();
    this.#writing.close();
  }

  #host(): QueueHost {
    const sqlite = this.#writing;
    // Async, so that what SQLite throws rejects.
    const run = async (sql: string): Promise<void> => sqlite.exec(sql);
    const servingThen = async (sql: string): Promise<void> => {
      this.#assertServing();
      sqlite.exec(sql);
    };
    return {
      db: this.#kysely(sqlite, () => this.#assertInChange()),
      begin: () => servingThen('BEGIN IMMEDIATE'),
      commit: () => servingThen('COMMIT'),
      rollback: async () => {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
      },
      isOpen: () => sqlite.isTransaction,
      mark: () => run('SAVEPOINT change'),
      keep: () => run('RELEASE change'),
      undo: () => run('ROLLBACK TO change; RELEASE change'),
      translate: (cause) => this.#translate(cause),
    };
  }

  #kysely(sqlite: DatabaseSync, before: () => void): Kysely<Schema> {
    return new Kysely({ dialect: sqliteDialect(sqlite, { before, translate: (cause) => this.#translate(cause) }) });
  }

  #assertAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A transaction handle kept past its commit would write unserialised and unaudited. */
  #assertInChange(): void {
    this.#assertAlive();
    if (!this.#writing.isTransaction) throw new Error('a change was made outside of its transaction');
  }

  /** SQLite goes on in a file that was deleted or replaced: acknowledged changes would vanish with it. */
  #assertServing(): void {
    const failure = this.failure();
    if (failure !== undefined) throw failure;
  }

  #lose(cause?: unknown): StoreError {
    this.#failure ??= new StoreError('lost', `The store ${this.#path} was lost. Restart once it is back.`, { cause });
    return this.#failure;
  }

  /** What went wrong with the file stays wrong until a restart has checked it; a full disk or a lock may pass. */
  #translate(cause: unknown): unknown {
    const code = storeErrorCode(cause);
    if (code === undefined) return cause;
    if (code === 'full' || code === 'busy') {
      return new StoreError(code, `The store ${this.#path} cannot take changes: ${code}.`, { cause });
    }
    return this.#lose(cause);
  }
}

function connectWriting(path: string): DatabaseSync {
  const sqlite = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  sqlite.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA journal_size_limit = 67108864;
  `);
  return sqlite;
}
