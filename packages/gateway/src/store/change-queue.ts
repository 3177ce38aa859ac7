import type { Kysely } from 'kysely';
import type { Tx } from './database.ts';
import type { Schema } from './schema.ts';
import type { Reach } from './reach.ts';

/** Changes that share one commit: one fsync for all of them. */
const BATCH_MAX = 64;

/** What the queue needs of its database: one transaction at a time, and savepoints in it. */
export interface QueueHost {
  readonly db: Kysely<Schema>;
  /** @throws when the store cannot take changes */
  begin(): Promise<void>;
  /** Durable when it resolves. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Whether the transaction still stands: the database itself may have given it up. */
  isOpen(): boolean;
  /** Begins one of the changes in the transaction. */
  mark(reach: Reach): Promise<void>;
  keep(): Promise<void>;
  undo(): Promise<void>;
  readonly translate: (cause: unknown) => unknown;
}

interface Change {
  readonly reach: Reach;
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
  add<T>(reach: Reach, work: (tx: Tx) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ reach, ...this.#change(work, { resolve, reject }) });
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
  ): Omit<Change, 'reach'> {
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
      await this.#host.begin();
      for (const change of batch) {
        if (await this.#runOne(change)) done.push(change);
      }
      await this.#host.commit();
    } catch (cause) {
      await this.#abandon(batch, cause);
      return;
    }
    for (const change of done) change.committed();
  }

  /** False when the change failed alone. @throws when the database gave up the whole transaction */
  async #runOne(change: Change): Promise<boolean> {
    const host = this.#host;
    await host.mark(change.reach);
    try {
      await change.run();
      await host.keep();
      return true;
    } catch (cause) {
      // A full disk, an I/O error or a lost connection may roll everything back: then the whole batch failed.
      if (!host.isOpen()) throw cause;
      await host.undo();
      change.failed(this.#host.translate(cause));
      return false;
    }
  }

  async #abandon(batch: readonly Change[], cause: unknown): Promise<void> {
    const host = this.#host;
    try {
      await host.rollback();
    } catch (rollback) {
      host.translate(rollback);
    }
    const failure = host.translate(cause);
    for (const change of batch) change.failed(failure);
  }
}
