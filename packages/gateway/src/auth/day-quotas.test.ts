import { describe, expect, it } from 'vitest';
import { type DayCount, type DayCounts, DayQuotaCounter } from './day-quotas.ts';

const DAY = 86_400_000;
const NOW = 1_795_132_800_000 + 3_600_000;
const quota = (amount: number) => ({ amount, config: 'keys.plans.free' });
const FIVE = { key: quota(5), tenant: undefined };
const ADA = { tenantId: 'acme', userId: 'ada' };

/** Keeps counts as the store does; instances share one. */
function memoryDays(): DayCounts & {
  readonly loads: () => number;
  readonly total: (userId?: string, dayMs?: number) => number;
} {
  const rows = new Map<string, number>();
  let loads = 0;
  const nameOf = ({ tenantId, userId = '', dayMs }: DayCount) => `${tenantId}|${userId}|${dayMs}`;
  return {
    loads: () => loads,
    total: (userId, dayMs = NOW - 3_600_000) => rows.get(nameOf({ tenantId: 'acme', userId, dayMs })) ?? 0,
    async load(of) {
      loads += 1;
      return rows.get(nameOf(of)) ?? 0;
    },
    async add(counts) {
      return counts.map((one) => {
        const total = (rows.get(nameOf(one)) ?? 0) + one.count;
        rows.set(nameOf(one), total);
        return total;
      });
    },
  };
}

async function granted(
  counter: DayQuotaCounter,
  times: number,
  quotas = FIVE as Parameters<DayQuotaCounter['take']>[1],
  nowMs = NOW,
) {
  let count = 0;
  for (let at = 0; at < times; at += 1) {
    const { spent } = await counter.take(ADA, quotas, nowMs);
    if (spent === undefined) count += 1;
  }
  return count;
}

describe('WK2: the quota of a day', () => {
  it('grants exactly so many, and stays synchronous for whoever was seen today', async () => {
    const counter = new DayQuotaCounter(memoryDays());
    expect(await granted(counter, 9)).toBe(5);
    expect(counter.take(ADA, FIVE, NOW)).toEqual({ spent: 'key', key: 5, tenant: 5 });
  });

  it('grants exactly so many of many at once, with one look-up each for key and tenant (T24)', async () => {
    const days = memoryDays();
    const counter = new DayQuotaCounter(days);
    const uses = await Promise.all(Array.from({ length: 50 }, async () => counter.take(ADA, FIVE, NOW)));
    expect(uses.filter(({ spent }) => spent === undefined)).toHaveLength(5);
    expect(days.loads()).toBe(2);
  });

  it('of a tenant is shared by its keys', async () => {
    const counter = new DayQuotaCounter(memoryDays());
    const quotas = { key: quota(4), tenant: quota(6) };
    expect(await granted(counter, 9, quotas)).toBe(4);
    const others = [];
    for (let at = 0; at < 5; at += 1) others.push(await counter.take({ tenantId: 'acme', userId: 'bob' }, quotas, NOW));
    expect(others.map(({ spent }) => spent)).toEqual([undefined, undefined, 'tenant', 'tenant', 'tenant']);
    expect((await counter.take({ tenantId: 'zeta', userId: 'ada' }, quotas, NOW)).spent).toBeUndefined();
  });

  it('begins anew at midnight UTC', async () => {
    const counter = new DayQuotaCounter(memoryDays());
    expect(await granted(counter, 9)).toBe(5);
    expect(await granted(counter, 9, FIVE, NOW + DAY - 3_600_001)).toBe(0);
    expect(await granted(counter, 9, FIVE, NOW + DAY - 3_600_000)).toBe(5);
  });

  it('survives a restart as far as it was written down', async () => {
    const days = memoryDays();
    const before = new DayQuotaCounter(days);
    await granted(before, 3);
    await before.flush(NOW);
    await granted(before, 1);
    // Killed: the fourth was never written.
    expect(days.total('ada')).toBe(3);
    expect(await granted(new DayQuotaCounter(days), 9)).toBe(2);
  });

  it('instances hear of each other when they write', async () => {
    const days = memoryDays();
    const [one, two] = [new DayQuotaCounter(days), new DayQuotaCounter(days)];
    expect([await granted(one, 3), await granted(two, 1)]).toEqual([3, 1]);
    await one.flush(NOW);
    await two.flush(NOW);
    expect(await two.used(ADA, NOW)).toEqual({ key: 4, tenant: 4 });
    expect(await granted(two, 9)).toBe(1);
  });

  it('loses nothing that was counted while it was written, and writes again what could not be', async () => {
    const days = memoryDays();
    let fails = true;
    const slow: DayCounts = {
      load: (of) => days.load(of),
      add: async (counts) => {
        await counter.take(ADA, FIVE, NOW);
        if (fails) throw new Error('the disk is full');
        return days.add(counts);
      },
    };
    const counter: DayQuotaCounter = new DayQuotaCounter(slow);
    await granted(counter, 1);
    await expect(counter.flush(NOW)).rejects.toThrow('full');
    fails = false;
    await counter.flush(NOW);
    expect(days.total('ada')).toBe(2);
    expect(await counter.used(ADA, NOW)).toEqual({ key: 3, tenant: 3 });
    await counter.flush(NOW);
    expect(days.total('ada')).toBe(3);
  });

  it('forgets days that are over, and what is written beyond its bound', async () => {
    const days = memoryDays();
    const counter = new DayQuotaCounter(days, 4);
    for (let at = 0; at < 20; at += 1) await counter.take({ tenantId: 'acme', userId: `u${at}` }, FIVE, NOW);
    await counter.flush(NOW);
    const loads = days.loads();
    await counter.take({ tenantId: 'acme', userId: 'u0' }, FIVE, NOW);
    expect(days.loads()).toBe(loads + 2);
    await counter.flush(NOW + DAY);
    expect(await counter.used(ADA, NOW + DAY)).toEqual({ key: 0, tenant: 0 });
    expect(days.total(undefined)).toBe(21);
  });
});
