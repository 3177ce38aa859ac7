/** What is measured, as every exposition, the reference page and the dashboard know it. */
export interface Metric {
  /** In Prometheus' form, with its unit: `steadygate_added_duration_seconds`; counters end in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What tells its series apart. Values come from the configuration or from closed lists, never from requests. */
  readonly labels: readonly string[];
  /** One sentence. */
  readonly help: string;
}

/** One number. */
export interface Sample {
  /** In the order of the metric's labels. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** Many numbers, by size. */
export interface Distribution {
  readonly labels: readonly string[];
  /** Upper bounds, rising. */
  readonly bounds: readonly number[];
  /** How many fell between each bound and the one before; the last: above all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A metric with what it says now. */
export interface Family {
  readonly metric: Metric;
  /** Of counters and gauges. */
  readonly samples?: readonly Sample[] | undefined;
  /** Of histograms. */
  readonly distributions?: readonly Distribution[] | undefined;
}

/** Reads some metrics now: cheap, without waiting, never throwing. */
export type Collector = () => readonly Family[];

/** A gauge or counter whose value is known elsewhere. */
export function family(metric: Metric, ...samples: readonly (readonly [value: number, ...labels: string[]])[]): Family {
  return { metric, samples: samples.map(([value, ...labels]) => ({ value, labels })) };
}
