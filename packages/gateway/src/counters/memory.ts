import { type BucketStore, gcraGiveBack, gcraTake, type Rate, type Taken } from '@steadygate/core';

/** Budgets that are kept at once. */
const KEYS_MAX = 200_000;

/** Budgets that one new key looks at to find room: sweeping stays cheap under a flood of new keys. */
const SWEEP_STEPS = 64;

/**
 * Counts in this process, exactly: taking is synchronous, so nothing comes between reading and writing a budget.
 *
 * A budget that is full again needs no memory, and makes room. While every kept budget is in use, new keys are refused: forgetting a
 * live one would lift its limit (fail closed).
 */
export function memoryBuckets(keysMax = KEYS_MAX): BucketStore {
  const buckets = new Map<string, number>();
  let sweep = buckets.entries();

  const hasRoom = (nowMs: number): boolean => {
    for (let step = 0; step < SWEEP_STEPS && buckets.size >= keysMax; step += 1) {
      const next = sweep.next();
      if (next.done === true) sweep = buckets.entries();
      else if (next.value[1] <= nowMs) buckets.delete(next.value[0]);
    }
    return buckets.size < keysMax;
  };

  return {
    take(key, rate, nowMs) {
      const tatMs = buckets.get(key);
      if (tatMs === undefined && !hasRoom(nowMs)) return refused(rate);
      const { tatMs: next, taken } = gcraTake(tatMs, rate, nowMs);
      buckets.set(key, next);
      return taken;
    },
    giveBack(key, rate, nowMs) {
      const tatMs = buckets.get(key);
      // An unknown budget is a full one.
      if (tatMs === undefined) return;
      const next = gcraGiveBack(tatMs, rate, nowMs);
      if (next <= nowMs) buckets.delete(key);
      else buckets.set(key, next);
    },
  };
}

function refused(rate: Rate): Taken {
  return { waitMs: Math.ceil(rate.perMs / rate.amount), remaining: 0, resetMs: rate.perMs };
}
