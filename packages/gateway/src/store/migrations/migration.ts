import type { Kysely } from 'kysely';

/** One step forward. Never edited once released: the next change is the next number. */
export interface Migration {
  readonly version: number;
  /**
   * Runs in one transaction with the new version number. Typed without tables: the schema is a moving target.
   *
   * Says the same statements whatever the tables hold: an administrator gets them printed before.
   */
  up(db: Kysely<unknown>): Promise<void>;
}
