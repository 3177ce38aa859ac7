import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TenantAccess } from '@steadygate/core';
import type { Actor } from './actor.ts';
import type { StoreContext } from './context.ts';
import type { Database, Tx } from './database.ts';
import { EVERY_TENANT } from './reach.ts';

const HOUR_MS = 3_600_000;

/** Different (key, hour, route, verdict) that wait for a flush; what comes beyond is not counted. */
const WAITING_MAX = 50_000;

/** Requests are answered between two writes. */
const WRITTEN_AT_ONCE = 500;

/** Rows that one question gets. */
const ROWS_MAX = 10_000;

/** One request that a key made. */
export interface KeyUse {
  readonly tenantId: string;
  readonly keyId: string;
  /** The route's path as configured, such as `/v1/orders/**`: places in the configuration change. */
  readonly route: string;
  /** `allow`, or the code of the problem. */
  readonly verdict: string;
  readonly atMs: number;
}

/** How often a key came to one verdict on one route within an hour. */
export interface KeyUsageRow {
  readonly hourMs: number;
  readonly route: string;
  readonly verdict: string;
  readonly count: number;
}

/** Which hours are asked for: from, and before. */
export interface UsagePeriod {
  readonly fromMs: number;
  readonly beforeMs: number;
}

/** Counts what keys do: noted at once, written together. A crash loses what was noted since the last flush. */
export interface KeyUsage {
  note(use: KeyUse): void;
  /** What a key of the actor's tenant did, newest hour first; another tenant's key did nothing. */
  of(actor: Actor | TenantAccess, keyId: string, period: UsagePeriod): Promise<readonly KeyUsageRow[]>;
  /** Writes what was noted. */
  flush(): Promise<void>;
  /** Forgets hours before a time. */
  prune(beforeMs: number): Promise<void>;
}

interface Waiting extends KeyUse {
  count: number;
}

/** Counts in memory over the usage table. */
export function keyUsage({ database }: StoreContext): KeyUsage {
  let waiting = new Map<string, Waiting>();
  let used = new Map<string, { readonly tenantId: string; readonly atMs: number }>();
  const add = (use: Waiting): void => {
    const key = `${use.keyId}\n${use.atMs}\n${use.verdict}\n${use.route}`;
    const known = waiting.get(key);
    if (known !== undefined) known.count += use.count;
    else if (waiting.size < WAITING_MAX) waiting.set(key, use);
  };
  return {
    note(use) {
      add({ ...use, atMs: hourOf(use.atMs), count: 1 });
      if (used.size < WAITING_MAX || used.has(use.keyId))
        used.set(use.keyId, { tenantId: use.tenantId, atMs: use.atMs });
    },
    of: (actor, keyId, { fromMs, beforeMs }) =>
      database
        .reader(actor)
        .selectFrom('apiKeyUsage')
        .select(['hourMs', 'route', 'verdict', 'count'])
        .where('tenantId', '=', actor.tenantId)
        .where('keyId', '=', keyId)
        .where('hourMs', '>=', hourOf(fromMs))
        .where('hourMs', '<', beforeMs)
        .orderBy('hourMs', 'desc')
        .orderBy('route')
        .orderBy('verdict')
        .limit(ROWS_MAX)
        .execute(),
    async flush() {
      if (waiting.size === 0 && used.size === 0) return;
      const left = { counts: [...waiting.values()], uses: [...used] };
      waiting = new Map();
      used = new Map();
      try {
        await writeInTurns(database, left);
      } catch (cause) {
        for (const use of left.counts) add(use);
        for (const [keyId, use] of left.uses) if (!used.has(keyId)) used.set(keyId, use);
        throw cause;
      }
    },
    prune: (beforeMs) =>
      database.transaction(EVERY_TENANT, async ({ db }) => {
        await db.deleteFrom('apiKeyUsage').where('hourMs', '<', beforeMs).execute();
      }),
  };
}

type Use = readonly [keyId: string, last: { readonly tenantId: string; readonly atMs: number }];

/** Takes from `left` what is written. */
async function writeInTurns(database: Database, left: { counts: Waiting[]; uses: Use[] }): Promise<void> {
  for (let turn = 0; left.counts.length > 0 || left.uses.length > 0; turn += 1) {
    if (turn > 0) await nextTurn();
    const some = { counts: left.counts.slice(0, WRITTEN_AT_ONCE), uses: left.uses.slice(0, WRITTEN_AT_ONCE) };
    await database.transaction(EVERY_TENANT, (tx) => write(tx, some));
    left.counts.splice(0, WRITTEN_AT_ONCE);
    left.uses.splice(0, WRITTEN_AT_ONCE);
  }
}

async function write(
  { db }: Tx,
  { counts, uses }: { readonly counts: readonly Waiting[]; readonly uses: readonly Use[] },
): Promise<void> {
  for (const { tenantId, keyId, atMs: hourMs, route, verdict, count } of counts) {
    await db
      .insertInto('apiKeyUsage')
      .values({ tenantId, keyId, hourMs, route, verdict, count })
      .onConflict((conflict) =>
        conflict
          .columns(['tenantId', 'keyId', 'hourMs', 'route', 'verdict'])
          .doUpdateSet((row) => ({ count: row('apiKeyUsage.count', '+', count) })),
      )
      .execute();
  }
  for (const [keyId, { tenantId, atMs }] of uses) {
    const mine = db.updateTable('apiKey').where('tenantId', '=', tenantId).where('id', '=', keyId);
    // Another instance may have written a later use.
    const earlier = mine.where(({ or, eb }) => or([eb('lastUsedAtMs', 'is', null), eb('lastUsedAtMs', '<', atMs)]));
    await earlier.set({ lastUsedAtMs: atMs }).execute();
  }
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}
