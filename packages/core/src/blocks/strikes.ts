import type { Rate } from '../limits/bucket-store.ts';

/**
 * Counts strikes exactly, whoever counts at the same time: a budget that refills would forget some within its window.
 *
 * Implemented in memory and, across instances, in Redis.
 */
export interface StrikeCounter {
  /** Whether this is the `amount`-th strike within `perMs`; then the count begins anew. */
  strike(key: string, rate: Rate, nowMs: number): boolean | Promise<boolean>;
  /** Begins a count anew: its subject was forgiven. */
  forget(key: string): void | Promise<void>;
}

/** The times of strikes after one more, oldest first; undefined when that was the `amount`-th of the window. */
export function withStrike(times: readonly number[], rate: Rate, nowMs: number): readonly number[] | undefined {
  const recent = times.filter((atMs) => atMs > nowMs - rate.perMs);
  return recent.length + 1 >= rate.amount ? undefined : [...recent, nowMs];
}
