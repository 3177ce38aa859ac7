import { type Family, family } from './metric.ts';
import { METRICS } from './metrics.ts';

/** How long one period of observation is. */
export const PERIOD_MS = 10_000;

/** Between two looks at the loop. */
export const RESOLUTION_MS = 20;

const PERCENTILES = [50, 90, 99] as const;

/** The part of Node's monitor that is needed: the time between two looks, in nanoseconds. */
export interface LoopMonitor {
  percentile(percentile: number): number;
  readonly max: number;
  readonly count: number;
  reset(): void;
}

/**
 * How late the event loop was, period by period: whoever reads it, and how often, changes nothing.
 *
 * The monitor forgets what it is in the middle of when it is reset; the lateness of the period's own end makes up for that.
 */
export class LoopDelay {
  readonly #monitor: LoopMonitor;
  readonly #monotonicMs: () => number;
  #dueMs: number;
  #last: readonly (readonly [number, string])[] = [];

  constructor(monitor: LoopMonitor, monotonicMs: () => number) {
    this.#monitor = monitor;
    this.#monotonicMs = monotonicMs;
    this.#dueMs = monotonicMs() + PERIOD_MS;
  }

  /** Ends a period and begins the next. */
  turn(): void {
    const nowMs = this.#monotonicMs();
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    this.#dueMs = nowMs + PERIOD_MS;
    this.#last = this.#read(lateMs);
    this.#monitor.reset();
  }

  /** What the last whole period was like; of the first one, what is known so far. */
  family(): Family {
    const last = this.#last.length === 0 ? this.#read(0) : this.#last;
    return family(METRICS.loopDelay, ...last);
  }

  #read(lateMs: number): readonly (readonly [number, string])[] {
    const { count, max } = this.#monitor;
    // Without a look there is nothing that could be said of the middle.
    const middle = count === 0 ? [] : PERCENTILES.map((p) => [delayOf(this.#monitor.percentile(p)), `p${p}`] as const);
    const worst = Math.max(count === 0 ? 0 : delayOf(max), lateMs / 1000);
    return [...middle, [worst, 'max']];
  }
}

/** The monitor tells the time from look to look, of which its resolution is no delay. */
function delayOf(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
}
