import type { OnCount } from '../counters/timed-buckets.ts';
import type { OnOperation } from '../store/timed-database.ts';
import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import type { Family } from './metric.ts';
import { METRICS } from './metrics.ts';
import { RequestMetrics } from './request-metrics.ts';

/** What is counted as it happens: handed to whatever does it. */
export class Measurements {
  readonly requests = new RequestMetrics();
  readonly #store = new Histogram(METRICS.storeDuration);
  readonly #counters = new Histogram(METRICS.counterDuration);
  readonly #reloads = new Counter(METRICS.configReloads);

  constructor() {
    // An increase is seen only where a zero came before.
    for (const result of ['taken', 'refused']) this.#reloads.of(result);
  }

  readonly onOperation: OnOperation = (operation, ms) => this.#store.of(operation).observe(ms / 1000);

  readonly onCount: OnCount = (operation, ms) => this.#counters.of(operation).observe(ms / 1000);

  /** A reload came into force, or did not. */
  reloaded(result: 'taken' | 'refused'): void {
    this.#reloads.of(result).add();
  }

  families(): readonly Family[] {
    return [...this.requests.families(), this.#store.family(), this.#counters.family(), this.#reloads.family()];
  }
}
