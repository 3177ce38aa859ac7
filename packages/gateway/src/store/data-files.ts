import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { StoreError } from './store-error.ts';

/** Makes the data directory its owner's alone (0700). @throws StoreError `unwritable` */
export function ensureDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    chmodSync(dataDir, 0o700);
  } catch (cause) {
    throw new StoreError('unwritable', `The data directory ${dataDir} cannot be created or changed.`, { cause });
  }
}

/**
 * Makes sure that a database file exists and is its owner's alone (0600); the journal inherits that mode.
 *
 * Never opens a file that exists: closing any descriptor of it would drop the locks this process holds on it
 * (https://www.sqlite.org/howtocorrupt.html §2.2).
 */
export function ensurePrivateFile(path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) closeSync(openSync(path, 'wx', 0o600));
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new StoreError('unwritable', `${path} cannot be created or changed.`, { cause });
  }
}

/** Which file stands at `path`: its device and inode; undefined when there is none. */
export function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}
