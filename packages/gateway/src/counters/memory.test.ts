import { describe, expect, it } from 'vitest';
import { bucketStoreContract } from './bucket-store.contract.ts';
import { memoryBuckets } from './memory.ts';
import { memoryStrikes } from './memory-strikes.ts';
import { strikeCounterContract } from './strike-counter.contract.ts';

const RATE = { amount: 2, perMs: 1000 };
const NOW = 1_800_000_000_000;

bucketStoreContract(() => memoryBuckets());
strikeCounterContract(() => memoryStrikes());

describe('memory strikes', () => {
  it('T24: remembers a bounded number of callers, those seen last', async () => {
    const strikes = memoryStrikes(2);
    for (const key of ['a', 'b', 'c']) await strikes.strike(key, RATE, NOW);
    expect(await strikes.strike('c', RATE, NOW)).toBe(true);
    expect(await strikes.strike('a', RATE, NOW)).toBe(false);
  });
});

describe('memory buckets', () => {
  it('T24: refuses new keys while every kept budget is in use, and keeps counting the known ones', async () => {
    const buckets = memoryBuckets(100);
    for (let key = 0; key < 100; key += 1) await buckets.take(`known ${key}`, RATE, NOW);
    expect((await buckets.take('new', RATE, NOW)).waitMs).toBeGreaterThan(0);
    expect((await buckets.take('known 0', RATE, NOW)).waitMs).toBe(0);
    expect((await buckets.take('known 0', RATE, NOW)).waitMs).toBeGreaterThan(0);
  });

  it('makes room by forgetting budgets that are full again', async () => {
    const buckets = memoryBuckets(100);
    for (let key = 0; key < 100; key += 1) await buckets.take(`old ${key}`, RATE, NOW);
    for (let key = 0; key < 100; key += 1) {
      expect((await buckets.take(`new ${key}`, RATE, NOW + 1000)).waitMs).toBe(0);
    }
    expect((await buckets.take('one more', RATE, NOW + 1000)).waitMs).toBeGreaterThan(0);
  });

  it('finds the one expired budget among live ones within a few takes', async () => {
    const buckets = memoryBuckets(1000);
    for (let key = 0; key < 999; key += 1) await buckets.take(`live ${key}`, RATE, NOW + 900);
    await buckets.take('expired', RATE, NOW);
    const waits = [];
    for (let attempt = 0; attempt < 20; attempt += 1) waits.push((await buckets.take('new', RATE, NOW + 1000)).waitMs);
    expect(waits).toContain(0);
  });
});
