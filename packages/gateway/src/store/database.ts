import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A change in progress: everything written through it commits together, or not at all. */
export interface Tx {
  readonly db: Kysely<Schema>;
  /** Runs in order, right after the commit and before anybody is told of it; never after a rollback. */
  afterCommit(run: () => void): void;
}

/** A database that serialises changes. Implemented over SQLite now, PostgreSQL later. */
export interface Database {
  /** For queries outside of changes: sees what is committed, cannot write. */
  readonly reader: Kysely<Schema>;
  /**
   * Runs `work` and commits; resolves only when the commit is durable. `work` awaits nothing but its queries.
   *
   * @throws StoreError when the store is full, lost or closed; whatever `work` throws, after rolling it back
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Why the store cannot serve, or undefined. */
  failure(): Error | undefined;
  /** Overwrites what was deleted, in the journal too (T22). */
  scrub(): Promise<void>;
  /** Ends after the changes in progress. */
  close(): Promise<void>;
}
