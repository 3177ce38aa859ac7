/** How fast something may happen: at most `amount` at once, refilled evenly over `perMs`. */
export interface Rate {
  readonly amount: number;
  readonly perMs: number;
}

/** What one take left behind. */
export interface Taken {
  /** Milliseconds until a retry can succeed; 0 when the take was granted. */
  readonly waitMs: number;
  /** Whole takes still possible at once. */
  readonly remaining: number;
  /** Milliseconds until the budget is full again. */
  readonly resetMs: number;
}

/**
 * Counts takes against rates, exactly, whoever asks at the same time (GCRA).
 *
 * Implemented in memory and, across instances, in Redis. A refused take costs nothing.
 */
export interface BucketStore {
  take(key: string, rate: Rate, nowMs: number): Taken | Promise<Taken>;
  /** Gives one take back, never beyond a full budget: for attempts that turned out to be good. */
  giveBack(key: string, rate: Rate, nowMs: number): void | Promise<void>;
}
