import type { Kysely } from 'kysely';
import type { Reach } from './reach.ts';
import type { Schema } from './schema.ts';
import type { StoreFacts } from './store-facts.ts';

/** A change in progress: everything written through it commits together, or not at all. */
export interface Tx {
  readonly db: Kysely<Schema>;
  /** Runs in order, right after the commit and before anybody is told of it; never after a rollback. */
  afterCommit(run: () => void): void;
}

/** A database that serialises changes, of all processes that share it. Implemented over SQLite and PostgreSQL. */
export interface Database {
  /** For queries outside of changes: sees what is committed, cannot write. */
  reader(reach: Reach): Kysely<Schema>;
  /**
   * Runs `work` and commits; resolves only when the commit is durable. `work` awaits nothing but its queries.
   *
   * @throws StoreError when the store is full, lost or closed; whatever `work` throws, after rolling it back
   */
  transaction<T>(reach: Reach, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs one step of a migration, whole or not at all; no other process runs one meanwhile. */
  exclusive<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /** Once migrated: puts in place what guards the tables whatever the program asks. */
  guardTables(): Promise<void>;
  /** Whether other processes may change it while this one runs. */
  readonly isShared: boolean;
  /** For the feed: like `reader`, but a query is answered soon or fails. */
  readonly feedReader: Kysely<Schema>;
  /**
   * Runs one statement that no number and no entry depends on, beside the changes: it waits for none of them, and holds none up should
   * this process be cut off. Answered soon, or fails.
   */
  aside(work: (db: Kysely<Schema>) => Promise<unknown>): Promise<void>;
  /** Wakes the feeds of all processes once a change commits. */
  announce(tx: Tx): Promise<void>;
  /** Calls `listener` when another process announced something, and when it may have gone unheard. */
  onAnnounced(listener: () => void): void;
  /** Why the store cannot serve, or undefined. */
  failure(): Error | undefined;
  /** What can be seen of the database, asked anew. */
  facts(): Promise<StoreFacts>;
  /** Overwrites what was deleted, in the journal too (T22). */
  scrub(): Promise<void>;
  /** Ends after the changes in progress. */
  close(): Promise<void>;
}
