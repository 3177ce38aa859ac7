import type { BucketStore, Taken } from '@steadygate/core';
import { expect, it } from 'vitest';
import { memoryBuckets } from './memory.ts';
import { timedBuckets } from './timed-buckets.ts';

const RATE = { amount: 1, perMs: 1000 };
const TAKEN: Taken = { waitMs: 0, remaining: 0, resetMs: 1000 };

it('tells how long a shared server took to answer, and hands on what it said', async () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const slow: BucketStore = {
    take: async () => {
      nowMs += 4;
      return TAKEN;
    },
    giveBack: async () => {
      nowMs += 2;
    },
  };
  const buckets = timedBuckets(
    slow,
    () => nowMs,
    (...what) => void told.push(what),
  );
  expect(await buckets.take('k', RATE, 0)).toBe(TAKEN);
  await buckets.giveBack('k', RATE, 0);
  expect(told).toEqual([
    ['take', 4],
    ['give-back', 2],
  ]);
});

it('does not tell of what failed, and lets the failure through', async () => {
  const told: unknown[] = [];
  const lost: BucketStore = { take: () => Promise.reject(new Error('lost')), giveBack: () => undefined };
  const buckets = timedBuckets(
    lost,
    () => 0,
    (...what) => void told.push(what),
  );
  await expect(buckets.take('k', RATE, 0)).rejects.toThrow('lost');
  expect(told).toEqual([]);
});

it('keeps what answers at once synchronous', () => {
  const buckets = timedBuckets(
    memoryBuckets(),
    () => 0,
    () => expect.unreachable(),
  );
  expect(buckets.take('k', RATE, 0)).toMatchObject({ waitMs: 0 });
});
