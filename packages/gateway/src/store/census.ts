import type { Database } from './database.ts';
import { EVERY_TENANT } from './reach.ts';

/** What is there, counted. */
export interface Census {
  /** Sessions that have not ended. */
  readonly liveSessions: number;
  /** Usable keys without a successor that were made before a time. */
  readonly keysToRotate: number;
}

/** Counts across all tenants: for metrics, which name nobody. */
export async function census(
  database: Pick<Database, 'reader'>,
  { nowMs, keysMadeBeforeMs }: { readonly nowMs: number; readonly keysMadeBeforeMs: number },
): Promise<Census> {
  const reader = database.reader(EVERY_TENANT);
  const sessions = await reader
    .selectFrom('session')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('endedAtMs', 'is', null)
    .where('expiresAtMs', '>', nowMs)
    .executeTakeFirstOrThrow();
  const keys = await reader
    .selectFrom('apiKey')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('createdAtMs', '<=', keysMadeBeforeMs)
    .where('revokedAtMs', 'is', null)
    .where('rotatedAtMs', 'is', null)
    .where(({ or, eb }) => or([eb('expiresAtMs', 'is', null), eb('expiresAtMs', '>', nowMs)]))
    .executeTakeFirstOrThrow();
  return { liveSessions: sessions.count, keysToRotate: keys.count };
}
