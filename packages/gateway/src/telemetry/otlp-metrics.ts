import type { Distribution, Family, Metric, Sample } from '../metrics/metric.ts';
import { otlpAttributes, otlpNanos, otlpScope } from './otlp-values.ts';

/** Totals since the start. */
const CUMULATIVE = 2;

export interface MetricsBody {
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
  /** Since when totals count, and when they were read: epoch milliseconds. */
  readonly startedMs: number;
  readonly nowMs: number;
}

/** The body of `POST /v1/metrics` in OTLP's JSON form. Names stay what Prometheus calls them, so that one dashboard fits both ways. */
export function otlpMetrics(families: readonly Family[], body: MetricsBody) {
  const times = { startTimeUnixNano: otlpNanos(body.startedMs), timeUnixNano: otlpNanos(body.nowMs) };
  const metrics = families.filter(hasSeries).map((family) => otlpMetric(family, times));
  const scopeMetrics = [{ scope: otlpScope(body.version), metrics }];
  return { resourceMetrics: [{ resource: { attributes: otlpAttributes(body.resource) }, scopeMetrics }] };
}

type Times = Readonly<Record<'startTimeUnixNano' | 'timeUnixNano', string>>;

function hasSeries({ samples = [], distributions = [] }: Family): boolean {
  return samples.length + distributions.length > 0;
}

function otlpMetric({ metric, samples = [], distributions = [] }: Family, times: Times) {
  const { name, help, type } = metric;
  const points = samples.map((sample) => numberPoint(metric, sample, times));
  const head = { name, description: help, unit: unitOf(name) };
  switch (type) {
    case 'counter':
      return { ...head, sum: { dataPoints: points, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
    case 'gauge':
      return { ...head, gauge: { dataPoints: points } };
    case 'histogram': {
      const dataPoints = distributions.map((distribution) => histogramPoint(metric, distribution, times));
      return { ...head, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
    }
  }
}

function numberPoint(metric: Metric, { labels, value }: Sample, times: Times) {
  return { attributes: attributesOf(metric, labels), ...times, asDouble: value };
}

function histogramPoint(metric: Metric, { labels, bounds, counts, sum }: Distribution, times: Times) {
  return {
    attributes: attributesOf(metric, labels),
    ...times,
    count: String(counts.reduce((all, one) => all + one, 0)),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: [...bounds],
  };
}

function attributesOf({ labels }: Metric, values: readonly string[]) {
  return otlpAttributes(Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ''])));
}

/** UCUM. */
function unitOf(name: string): string {
  if (/_seconds(?:_total)?$/.test(name)) return 's';
  return name.endsWith('_bytes') ? 'By' : '1';
}
