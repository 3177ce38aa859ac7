import { Kysely } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { QueueHost } from './change-queue.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { storeFailure, survives } from './postgres-failure.ts';
import { openPool } from './postgres-pool.ts';
import { reachStatement } from './postgres-reach.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import type { Reach } from './reach.ts';
import type { Schema } from './schema.ts';

/** The row whose lock a change holds from its first to its last statement. */
export const CHANGE_ROW = 'change';

/**
 * Changes wait for each other on one row, those of other instances too: what was read in a change stays true until it commits,
 * numbers follow the order of commits, and neither deadlocks nor serialisation failures can arise.
 *
 * A row, not an advisory lock: whoever may only read cannot hold it.
 */
export const LOCK_CHANGES = `SELECT "value" FROM "sequence" WHERE "name" = '${CHANGE_ROW}' FOR UPDATE`;

const BEGIN = ['BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE', LOCK_CHANGES];

/** The one connection of this process that writes. */
export class PostgresWriter implements QueueHost {
  readonly db: Kysely<Schema>;
  readonly #settings: PostgresSettings;
  readonly #assertServing: () => void;
  readonly #pool: Pool;
  #client: PoolClient | undefined;
  #isDead = false;
  /** What the next statements go together with: each text is a journey to the server and back. */
  #state: 'free' | 'locked' | 'marked' = 'free';

  constructor(settings: PostgresSettings, assertServing: () => void) {
    this.#settings = settings;
    this.#assertServing = assertServing;
    this.#pool = openPool(settings, 'write', { max: 1, idleTimeoutMillis: 0 });
    const query = (text: string, values: readonly unknown[]) => this.#query(text, values);
    this.db = new Kysely({ dialect: postgresDialect({ query }, settings.schema) });
  }

  async begin(): Promise<void> {
    this.#assertServing();
    this.#client = await this.#pool.connect();
    this.#isDead = false;
    this.#client.on('error', this.#died);
    this.#state = 'free';
  }

  async commit(): Promise<void> {
    const { command } = await this.#query('COMMIT');
    // After a failed statement the server answers ROLLBACK, and raises nothing.
    if (command !== 'COMMIT') throw new Error('the change was rolled back at its end');
    this.#release();
  }

  async rollback(): Promise<void> {
    try {
      if (this.isOpen()) await this.#query('ROLLBACK');
    } finally {
      this.#release();
    }
  }

  isOpen(): boolean {
    return this.#client !== undefined && !this.#isDead;
  }

  async mark(reach: Reach): Promise<void> {
    const isFirst = this.#state === 'free';
    const ready = { free: BEGIN, locked: [], marked: ['RELEASE change'] }[this.#state];
    const texts = [...ready, 'SAVEPOINT change', reachStatement(reach, 'transaction')];
    // Several statements in one text answer as a list.
    const answers: unknown = await this.#query(texts.join('; '));
    if (isFirst) assertLocked(answers);
    this.#state = 'marked';
  }

  /** The next mark or the commit releases it. */
  keep(): Promise<void> {
    return Promise.resolve();
  }

  async undo(): Promise<void> {
    await this.#query('ROLLBACK TO change; RELEASE change');
    this.#state = 'locked';
  }

  translate = (cause: unknown): unknown => storeFailure(cause, this.#settings);

  async end(): Promise<void> {
    await this.#pool.end();
  }

  #died = (): void => {
    this.#isDead = true;
  };

  async #query(text: string, values?: readonly unknown[]) {
    const client = this.#client;
    // A transaction handle kept past its commit would write unserialised and unaudited.
    if (client === undefined) throw new Error('a change was made outside of its transaction');
    try {
      return await (values === undefined ? client.query(text) : client.query(text, [...values]));
    } catch (cause) {
      if (!survives(cause)) this.#isDead = true;
      throw cause;
    }
  }

  #release(): void {
    this.#client?.off('error', this.#died);
    this.#client?.release(this.#isDead);
    this.#client = undefined;
  }
}

function assertLocked(answers: unknown): void {
  const locked: unknown = Array.isArray(answers) ? answers[1] : undefined;
  if (locked instanceof Object && 'rowCount' in locked && locked.rowCount === 1) return;
  throw new Error(`the row ${CHANGE_ROW} of the sequences is missing: changes cannot be serialised`);
}
