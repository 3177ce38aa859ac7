import { Series } from './counter.ts';
import type { Distribution, Family, Metric } from './metric.ts';

/** From 50 µs up to 10 s: what happens within a machine, and what waits for another one. */
const SECONDS: readonly number[] = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** From 1 ms up to 2 minutes: what others take to answer. */
export const LONG_SECONDS: readonly number[] = [
  0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
];

/** Few routes need many series of so many buckets. */
const SERIES_MAX = 1_000;

/** One series of a histogram. */
export class Buckets implements Distribution {
  readonly labels: readonly string[];
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;

  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.labels = labels;
    this.bounds = bounds;
    this.counts = [...bounds, 0].map(() => 0);
  }

  /** Counts one value; a bound belongs to the bucket below it. */
  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? Infinity)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

/** A histogram with a bounded number of series: those beyond are counted together, as `other`. */
export class Histogram {
  readonly #series: Series<Buckets>;
  readonly #metric: Metric;

  constructor(metric: Metric, bounds: readonly number[] = SECONDS, seriesMax = SERIES_MAX) {
    this.#metric = metric;
    this.#series = new Series(metric, seriesMax, (labels) => new Buckets(labels, bounds));
  }

  /** The series of these labels, in the metric's order: keep it where it is needed often. */
  of(...labels: readonly string[]): Buckets {
    return this.#series.of(labels);
  }

  family(): Family {
    return { metric: this.#metric, distributions: this.#series.all() };
  }
}
