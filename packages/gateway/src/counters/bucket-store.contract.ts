import type { BucketStore, Rate } from '@steadygate/core';
import { describe, expect, it } from 'vitest';

const RATE: Rate = { amount: 10, perMs: 1000 };
const NOW = 1_800_000_000_000;

/** What every implementation of `BucketStore` must do. */
export function bucketStoreContract(makeStore: () => BucketStore | Promise<BucketStore>): void {
  describe('bucket store contract', () => {
    it('grants exactly the budget, whoever asks at the same time', async () => {
      const buckets = await makeStore();
      const takes = await Promise.all(Array.from({ length: 50 }, async () => buckets.take('a', RATE, NOW)));
      expect(takes.filter(({ waitMs }) => waitMs === 0)).toHaveLength(10);
    });

    it('says when a retry can succeed, and grants it then', async () => {
      const buckets = await makeStore();
      for (let take = 0; take < 10; take += 1) await buckets.take('a', RATE, NOW);
      const { waitMs, remaining } = await buckets.take('a', RATE, NOW);
      expect({ waitMs, remaining }).toEqual({ waitMs: 100, remaining: 0 });
      expect((await buckets.take('a', RATE, NOW + waitMs - 1)).waitMs).toBe(1);
      expect((await buckets.take('a', RATE, NOW + waitMs)).waitMs).toBe(0);
    });

    it('counts each key by itself', async () => {
      const buckets = await makeStore();
      for (let take = 0; take < 11; take += 1) await buckets.take('a', RATE, NOW);
      expect((await buckets.take('b', RATE, NOW)).remaining).toBe(9);
    });

    it('gives back one take, never beyond a full budget', async () => {
      const buckets = await makeStore();
      for (let take = 0; take < 10; take += 1) await buckets.take('a', RATE, NOW);
      await buckets.giveBack('a', RATE, NOW);
      expect((await buckets.take('a', RATE, NOW)).waitMs).toBe(0);
      expect((await buckets.take('a', RATE, NOW)).waitMs).toBeGreaterThan(0);
      for (let give = 0; give < 30; give += 1) await buckets.giveBack('a', RATE, NOW);
      const takes = [];
      for (let take = 0; take < 20; take += 1) takes.push(await buckets.take('a', RATE, NOW));
      expect(takes.filter(({ waitMs }) => waitMs === 0)).toHaveLength(10);
    });
  });
}
