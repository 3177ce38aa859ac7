import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ensureDataDir, ensurePrivateFile } from './data-files.ts';
import { sqliteCode, StoreError } from './store-error.ts';

const SQLITE_BUSY = 5;

/** Proof that this process is the one writer of a data directory. */
export interface DataLock {
  readonly dataDir: string;
  /** Once is enough; again is harmless. */
  release(): void;
}

/**
 * Becomes the one writer of a data directory.
 *
 * An exclusive transaction on `<data>/lock.db`: the kernel frees it with the process, however that ends, so no stale lock is left.
 *
 * @throws StoreError `in-use` when another process is the writer, `unwritable`
 */
export function lockDataDir(dataDir: string): DataLock {
  ensureDataDir(dataDir);
  const path = join(dataDir, 'lock.db');
  ensurePrivateFile(path);
  const lock = openLock(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw lockError(cause, dataDir);
  }
  return {
    dataDir,
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw new StoreError('unwritable', `${path} cannot be opened.`, { cause });
  }
}

function lockError(cause: unknown, dataDir: string): StoreError {
  if (sqliteCode(cause) === SQLITE_BUSY) {
    return new StoreError('in-use', `The data directory ${dataDir} is in use by another Steadygate process.`, {
      cause,
    });
  }
  return new StoreError('unwritable', `The data directory ${dataDir} cannot be locked.`, { cause });
}
