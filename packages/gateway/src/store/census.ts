import type { Database } from './database.ts';

/** What is there, counted. */
export interface Census {
  /** Sessions that have not ended. */
  readonly liveSessions: number;
  /** Usable keys without a successor that were made before a time. */
  readonly keysToRotate: number;
}

/** Counts across all tenants: for metrics, which name nobody. */
export async function census(
  { reader }: Pick<Database, 'reader'>,
  { nowMs, keysMadeBeforeMs }: { readonly nowMs: number; readonly keysMadeBeforeMs: number },
): Promise<Census> {
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
  // PostgreSQL's driver gives large counts as text.
  return { liveSessions: Number(sessions.count), keysToRotate: Number(keys.count) };
}
