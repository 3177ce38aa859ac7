/** How much may be asked within a day, which begins at midnight UTC. Undefined: without such a quota. */
export interface DayQuotas {
  /** Of a key and its successors together. */
  readonly key: DayQuota | undefined;
  /** Of all keys of a tenant together. */
  readonly tenant: DayQuota | undefined;
}

/** One quota. */
export interface DayQuota {
  readonly amount: number;
  readonly config: string;
}

/** Whose requests are counted. */
export interface QuotaHolder {
  readonly tenantId: string;
  /** The service account: a rotation gives no new quota. */
  readonly userId: string;
}

/** What was asked today, this request included if it was granted. */
export interface QuotaUse {
  /** The quota that was used up before. */
  readonly spent: 'key' | 'tenant' | undefined;
  readonly key: number;
  readonly tenant: number;
}

/** Counts requests of a day. Implemented over the store, with the counts of today in memory. */
export interface QuotaCounter {
  /** Counts one unless a quota is used up. Stays synchronous for whoever was seen today. */
  take(holder: QuotaHolder, quotas: DayQuotas, nowMs: number): QuotaUse | Promise<QuotaUse>;
}

const DAY_MS = 86_400_000;

/** The midnight (UTC) that began the day of a moment. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS;
}

/** Until the next midnight (UTC). */
export function untilNextDayMs(nowMs: number): number {
  return dayOf(nowMs) + DAY_MS - nowMs;
}

/** Whether one more is granted, by what was asked today before. */
export function quotaSpent(
  quotas: DayQuotas,
  used: { readonly key: number; readonly tenant: number },
): QuotaUse['spent'] {
  if (quotas.key !== undefined && used.key >= quotas.key.amount) return 'key';
  if (quotas.tenant !== undefined && used.tenant >= quotas.tenant.amount) return 'tenant';
  return undefined;
}
