import type { InstanceReport } from '@steadygate/core';
import type { Database } from './database.ts';

/** What a process says of itself, again and again. */
export interface Instance extends InstanceReport {
  /** How operators know it: machine and process. */
  readonly name: string;
  readonly version: string;
  /** Of the configuration in force. */
  readonly configDigest: string;
  readonly startedAtMs: number;
}

/** The processes that serve from a store (T11). */
export interface Instances {
  /** Whether there can be more than one. */
  readonly isShared: boolean;
  report(instance: Instance): Promise<void>;
  /** All that have not left, also those that have been silent for long. */
  all(): Promise<readonly Instance[]>;
  /** Ends in order: it serves nobody any more. */
  leave(id: string): Promise<void>;
  /** Forgets those that were last heard of before a time. */
  prune(beforeMs: number): Promise<void>;
}

/** Instances in the store. */
export function instances(database: Database): Instances {
  return {
    isShared: database.isShared,
    report: (instance) =>
      database.aside(async (db) => {
        const { id: _id, ...rest } = instance;
        await db
          .insertInto('instance')
          .values(instance)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
          .execute();
      }),
    all: () => database.feedReader.selectFrom('instance').selectAll().orderBy('startedAtMs').orderBy('id').execute(),
    leave: (id) =>
      database.aside(async (db) => {
        await db.deleteFrom('instance').where('id', '=', id).execute();
      }),
    prune: (beforeMs) =>
      database.aside(async (db) => {
        await db.deleteFrom('instance').where('seenAtMs', '<', beforeMs).execute();
      }),
  };
}
