import { describe, expect, it } from 'vitest';
import { dayOf, quotaSpent, untilNextDayMs } from './quota.ts';

// 2026-11-20T00:00:00Z
const MIDNIGHT = 1_795_132_800_000;
const quota = (amount: number) => ({ amount, config: 'keys.plans.free.keyPerDay' });

describe('a day', () => {
  it.each([
    [MIDNIGHT, MIDNIGHT, 86_400_000],
    [MIDNIGHT + 1, MIDNIGHT, 86_399_999],
    [MIDNIGHT + 86_399_999, MIDNIGHT, 1],
    [MIDNIGHT + 86_400_000, MIDNIGHT + 86_400_000, 86_400_000],
  ])('begins and ends at midnight UTC: %i', (nowMs, day, leftMs) => {
    expect([dayOf(nowMs), untilNextDayMs(nowMs)]).toEqual([day, leftMs]);
  });
});

describe('a quota', () => {
  it.each([
    [undefined, undefined, { key: 1e9, tenant: 1e9 }, undefined],
    [3, undefined, { key: 2, tenant: 1e9 }, undefined],
    [3, undefined, { key: 3, tenant: 3 }, 'key'],
    [undefined, 5, { key: 1, tenant: 5 }, 'tenant'],
    [3, 5, { key: 3, tenant: 5 }, 'key'],
    [3, 5, { key: 2, tenant: 4 }, undefined],
  ])('%s a key and %s a tenant, used %j: %s', (key, tenant, used, spent) => {
    const quotas = {
      key: key === undefined ? undefined : quota(key),
      tenant: tenant === undefined ? undefined : quota(tenant),
    };
    expect(quotaSpent(quotas, used)).toBe(spent);
  });
});
