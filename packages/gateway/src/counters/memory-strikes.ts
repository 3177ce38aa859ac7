import { type StrikeCounter, withStrike } from '@steadygate/core';
import { BoundedMap } from '../auth/bounded-map.ts';

/** Callers whose strikes are remembered at once. */
const KEYS_MAX = 50_000;

/**
 * Counts strikes in this process. Beyond its bound the least recently seen callers are forgotten: whoever strikes from that
 * many places is not stopped by blocking one.
 */
export function memoryStrikes(keysMax = KEYS_MAX): StrikeCounter {
  const strikes = new BoundedMap<string, readonly number[]>(keysMax);
  return {
    strike(key, rate, nowMs) {
      const times = withStrike(strikes.get(key) ?? [], rate, nowMs);
      if (times === undefined) strikes.delete(key);
      else strikes.set(key, times);
      return times === undefined;
    },
    forget: (key) => strikes.delete(key),
  };
}
