import type { Rate, Taken } from './bucket-store.ts';

/** A take's new state and outcome. */
export interface GcraTake {
  /** The theoretical arrival time to store, after a refusal too. */
  readonly tatMs: number;
  readonly taken: Taken;
}

/** Steps of 2⁻¹⁰ ms are exact in a double for epoch milliseconds far beyond this century, so sums never drift. */
const STEPS_PER_MS = 1024;

/**
 * Takes one from a budget that is described by its theoretical arrival time (generic cell rate algorithm).
 *
 * Never admits more than `amount` at once nor more than `amount` per `perMs` in the long run. A refused take costs
 * nothing. A stored time further ahead than a whole budget (the clock went back, the rate was lowered) counts as an
 * empty budget, so nobody is locked out by a clock.
 */
export function gcraTake(tatMs: number | undefined, rate: Rate, nowMs: number): GcraTake {
  const intervalMs = interval(rate);
  const burstMs = intervalMs * rate.amount;
  const from = clamp(tatMs, burstMs, nowMs);
  const next = from + intervalMs;
  const spareMs = nowMs + burstMs - next;
  if (spareMs < 0) {
    return { tatMs: from, taken: { waitMs: Math.ceil(-spareMs), remaining: 0, resetMs: Math.ceil(from - nowMs) } };
  }
  return {
    tatMs: next,
    taken: { waitMs: 0, remaining: Math.floor(spareMs / intervalMs), resetMs: Math.ceil(next - nowMs) },
  };
}

/** Gives one take back, never beyond a full budget; returns the theoretical arrival time to store. */
export function gcraGiveBack(tatMs: number | undefined, rate: Rate, nowMs: number): number {
  const intervalMs = interval(rate);
  return Math.max(nowMs, clamp(tatMs, intervalMs * rate.amount, nowMs) - intervalMs);
}

/** Rounded up to a whole step: the budget refills a trifle slower, never faster, and a burst is exactly `amount`. */
function interval(rate: Rate): number {
  return Math.ceil((rate.perMs / rate.amount) * STEPS_PER_MS) / STEPS_PER_MS;
}

function clamp(tatMs: number | undefined, burstMs: number, nowMs: number): number {
  if (tatMs === undefined || tatMs < nowMs) return nowMs;
  return Math.min(tatMs, nowMs + burstMs);
}
