import type { DayCounts } from '../auth/day-quotas.ts';
import type { StoreContext } from './context.ts';
import { EVERY_TENANT } from './reach.ts';

/** Stands for all keys of a tenant: no service account has this id. */
const ALL_KEYS = '';

/** Requests of service accounts and tenants by day. */
export interface KeyDays extends DayCounts {
  /** Forgets days before a time. */
  prune(beforeMs: number): Promise<void>;
}

/** Counts by day in the store. */
export function keyDays({ database }: StoreContext): KeyDays {
  return {
    async load({ tenantId, userId = ALL_KEYS, dayMs }) {
      const row = await database
        .reader({ tenantId })
        .selectFrom('apiKeyDay')
        .select('count')
        .where('tenantId', '=', tenantId)
        .where('userId', '=', userId)
        .where('dayMs', '=', dayMs)
        .executeTakeFirst();
      return row?.count ?? 0;
    },
    add: (counts) =>
      database.transaction(EVERY_TENANT, async ({ db }) => {
        const totals: number[] = [];
        for (const { tenantId, userId = ALL_KEYS, dayMs, count } of counts) {
          const row = await db
            .insertInto('apiKeyDay')
            .values({ tenantId, userId, dayMs, count })
            .onConflict((conflict) =>
              conflict
                .columns(['tenantId', 'userId', 'dayMs'])
                .doUpdateSet((before) => ({ count: before('apiKeyDay.count', '+', count) })),
            )
            .returning('count')
            .executeTakeFirstOrThrow();
          totals.push(row.count);
        }
        return totals;
      }),
    prune: (beforeMs) =>
      database.transaction(EVERY_TENANT, async ({ db }) => {
        await db.deleteFrom('apiKeyDay').where('dayMs', '<', beforeMs).execute();
      }),
  };
}
