import type { BucketStore } from '@steadygate/core';

/** Hears how long one operation took that somebody had to wait for. */
export type OnCount = (operation: 'take' | 'give-back', ms: number) => void;

/** Buckets that tell how long they took to answer. What answers at once, or fails, is not told of. */
export function timedBuckets(buckets: BucketStore, monotonicMs: () => number, onCount: OnCount): BucketStore {
  const timed = <T>(operation: 'take' | 'give-back', ask: () => T | Promise<T>): T | Promise<T> => {
    const startedMs = monotonicMs();
    const answer = ask();
    if (!(answer instanceof Promise)) return answer;
    return answer.then((value) => {
      onCount(operation, monotonicMs() - startedMs);
      return value;
    });
  };
  return {
    take: (key, rate, nowMs) => timed('take', () => buckets.take(key, rate, nowMs)),
    giveBack: (key, rate, nowMs) => timed('give-back', () => buckets.giveBack(key, rate, nowMs)),
  };
}
