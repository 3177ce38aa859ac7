import type { Unavailability } from '@steadygate/core';

/** Why the store cannot serve. */
export type StoreErrorCode =
  | 'in-use'
  | 'corrupt'
  | 'unwritable'
  | 'newer-schema'
  | 'wrong-key'
  | 'full'
  | 'busy'
  | 'lost'
  | 'closed'
  /** A server that may come back: nobody needs to restart. */
  | 'unreachable'
  /** A server that lets us not in: its password, certificate or rights. */
  | 'refused'
  /** The tables are missing or older than the program, and its role may not change them. */
  | 'unprepared';

/** A failure of the store itself. The message says what an operator can do; callers of the gate get `unavailable`. */
export class StoreError extends Error implements Unavailability {
  readonly code: StoreErrorCode;
  readonly isUnavailability = true;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The primary result code of an SQLite failure, or undefined for anything else. */
export function sqliteCode(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number') return undefined;
  return cause.errcode & 0xff;
}

/** SQLite's result codes (https://www.sqlite.org/rescode.html) that say something about the file. */
const CODES: ReadonlyMap<number, StoreErrorCode> = new Map([
  [5, 'busy'],
  [8, 'unwritable'], // READONLY
  [10, 'lost'], // IOERR
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'unwritable'], // CANTOPEN
  [26, 'corrupt'], // NOTADB
]);

/** What an SQLite failure means for the store; undefined when it is about the statement, not the file. */
export function storeErrorCode(cause: unknown): StoreErrorCode | undefined {
  const code = sqliteCode(cause);
  return code === undefined ? undefined : CODES.get(code);
}
