import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { Tx } from './database.ts';
import type { Schema } from './schema.ts';

/** Changes that share one commit: one fsync for all of them. */
const BATCH_MAX = 64;

/** What the queue needs of its database. */
export interface QueueHost {
  readonly sqlite: DatabaseSync;
  readonly db: Kysely<Schema>;
  /** Throws when the store cannot take changes. */
  readonly assertServing: () => void;
  readonly translate: (cause: unknown) => unknown;
}

interface Change {
  run(): Promise<void>;
  committed(): void;
  failed(cause: unknown): void;
}

/**
 * Runs changes one after the other, several per commit.
 *
 * Each has a savepoint of its own: a failing one takes nothing of its neighbours with it. Nobody is told of success before the
 * commit they share is durable.
 */
export class ChangeQueue {
  readonly #host: QueueHost;
  #waiting: Change[] = [];
  #draining: Promise<void> | undefined;

  constructor(host: QueueHost) {
    this.#host = host;
  }

  /** Queues one change. */
  add<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(this.#change(work, { resolve, reject }));
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  #change<T>(
    work: (tx: Tx) => Promise<T>,
    answer: { resolve: (value: T) => void; reject: (cause: unknown) => void },
  ): Change {
    const hooks: (() => void)[] = [];
    let tell = (): void => undefined;
    return {
      run: async () => {
        const result = await work({ db: this.#host.db, afterCommit: (run) => void hooks.push(run) });
        tell = () => answer.resolve(result);
      },
      committed: () => {
        try {
          for (const hook of hooks) hook();
        } finally {
          // It is durable: whoever waits hears so, whatever a hook did.
          tell();
        }
      },
      failed: answer.reject,
    };
  }

  async #drain(): Promise<void> {
    // One turn of the microtask queue: what is asked for at the same moment shares the commit.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) await this.#commitBatch(this.#waiting.splice(0, BATCH_MAX));
    } finally {
      // In the same turn as the look that found nothing: a change added a turn later must start its own drain.
      this.#draining = undefined;
    }
  }

  async #commitBatch(batch: readonly Change[]): Promise<void> {
    const done: Change[] = [];
    try {
      this.#host.assertServing();
      this.#host.sqlite.exec('BEGIN IMMEDIATE');
      for (const change of batch) {
        if (await this.#runOne(change)) done.push(change);
      }
      this.#host.assertServing();
      this.#host.sqlite.exec('COMMIT');
    } catch (cause) {
      this.#abandon(batch, cause);
      return;
    }
    for (const change of done) change.committed();
  }

  /** False when the change failed alone. @throws when SQLite gave up the whole transaction */
  async #runOne(change: Change): Promise<boolean> {
    const { sqlite } = this.#host;
    sqlite.exec('SAVEPOINT change');
    try {
      await change.run();
      sqlite.exec('RELEASE change');
      return true;
    } catch (cause) {
      // A full disk or an I/O error may roll everything back: then the whole batch failed.
      if (!sqlite.isTransaction) throw cause;
      sqlite.exec('ROLLBACK TO change; RELEASE change');
      change.failed(this.#host.translate(cause));
      return false;
    }
  }

  #abandon(batch: readonly Change[], cause: unknown): void {
    const { sqlite, translate } = this.#host;
    try {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
    } catch (rollback) {
      translate(rollback);
    }
    const failure = translate(cause);
    for (const change of batch) change.failed(failure);
  }
}
