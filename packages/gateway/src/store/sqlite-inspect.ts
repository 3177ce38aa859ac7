import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { refuseNewer } from './migrations/migrate.ts';
import { StoreError, storeErrorCode } from './store-error.ts';

/**
 * Looks at a store through a read-only connection, so that a file that is refused stays as it was found.
 *
 * @throws StoreError `corrupt`, `newer-schema`, `unwritable`
 */
export function inspectSqlite(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  try {
    inspect(path);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw damaged(path, cause);
  }
}

function inspect(path: string): void {
  const sqlite = new DatabaseSync(path, { readOnly: true });
  try {
    const faults = sqlite.prepare('PRAGMA quick_check(1)').all();
    if (faults.length !== 1 || faults[0]?.['quick_check'] !== 'ok') throw damaged(path, faults);
    refuseNewer(schemaVersion(sqlite));
  } finally {
    sqlite.close();
  }
}

function schemaVersion(sqlite: DatabaseSync): number {
  const hasMeta = sqlite.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'`).get();
  if (hasMeta === undefined) return 0;
  return Number(sqlite.prepare(`SELECT value FROM meta WHERE key = 'schemaVersion'`).get()?.['value'] ?? 0);
}

function damaged(path: string, cause: unknown): StoreError {
  const code = storeErrorCode(cause);
  if (code !== undefined && code !== 'corrupt') {
    return new StoreError('unwritable', `The store ${path} cannot be read.`, { cause });
  }
  return new StoreError(
    'corrupt',
    `The store ${path} is damaged and was left as it is. Restore a backup, or move the file away to start anew.`,
    { cause },
  );
}
