import type { Family, Metric, Sample } from './metric.ts';

/** The label of whatever comes beyond a bound. */
export const OTHER = 'other';

/** One series of a counter. */
export class Count implements Sample {
  readonly labels: readonly string[];
  value = 0;

  constructor(labels: readonly string[]) {
    this.labels = labels;
  }

  add(amount = 1): void {
    this.value += amount;
  }
}

/** A counter with a bounded number of series: those beyond are counted together, as `other`. */
export class Counter {
  readonly #series: Series<Count>;
  readonly #metric: Metric;

  constructor(metric: Metric, seriesMax = SERIES_MAX) {
    this.#metric = metric;
    this.#series = new Series(metric, seriesMax, (labels) => new Count(labels));
  }

  /** The series of these labels, in the metric's order: keep it where it is needed often. */
  of(...labels: readonly string[]): Count {
    return this.#series.of(labels);
  }

  family(): Family {
    return { metric: this.#metric, samples: this.#series.all() };
  }
}

/** Many routes and guards; more than that is a mistake, and must not become memory. */
const SERIES_MAX = 5_000;

/** The series of one metric by their labels. */
export class Series<T> {
  readonly #known = new Map<string, T>();
  readonly #metric: Metric;
  readonly #max: number;
  readonly #make: (labels: readonly string[]) => T;

  constructor(metric: Metric, max: number, make: (labels: readonly string[]) => T) {
    this.#metric = metric;
    this.#max = max;
    this.#make = make;
  }

  of(labels: readonly string[]): T {
    const key = JSON.stringify(labels);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (labels.length !== this.#metric.labels.length) throw new Error(`${this.#metric.name} has other labels`);
    const isFull = this.#known.size >= this.#max && labels.some((label) => label !== OTHER);
    if (isFull) return this.of(labels.map(() => OTHER));
    const made = this.#make(labels);
    this.#known.set(key, made);
    return made;
  }

  all(): readonly T[] {
    return [...this.#known.values()];
  }
}
