import type { Distribution, Family, Metric, Sample } from './metric.ts';

/** A text form of metrics. */
export interface Exposition {
  readonly contentType: string;
  write(families: readonly Family[]): string;
}

/** Prometheus' text format 0.0.4. */
export const PROMETHEUS: Exposition = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  write: (families) => families.map((family) => block(family, family.metric.name)).join(''),
};

/** OpenMetrics 1.0.0: a counter's family is called without its `_total`, and the end is marked. */
export const OPEN_METRICS: Exposition = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  write: (families) => `${families.map((family) => block(family, familyName(family.metric))).join('')}# EOF\n`,
};

/** The form that an `Accept` field prefers; Prometheus' own where it says nothing of OpenMetrics 1.0.0. */
export function expositionFor(accept: string | undefined): Exposition {
  const ranges = (accept ?? '').split(',').map(mediaRange);
  const open = Math.max(0, ...ranges.filter(isOpenMetrics).map(({ quality }) => quality));
  const plain = Math.max(0, ...ranges.filter(({ type }) => type === 'text/plain').map(({ quality }) => quality));
  return open > 0 && open >= plain ? OPEN_METRICS : PROMETHEUS;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function mediaRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(rest.map((part) => [part.split('=', 1)[0] ?? '', part.slice(part.indexOf('=') + 1)]));
  const quality = Number(parameters.get('q') ?? '1');
  return { type, parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

function isOpenMetrics({ type, parameters }: MediaRange): boolean {
  return type === 'application/openmetrics-text' && ['1.0.0', undefined].includes(parameters.get('version'));
}

function familyName({ name, type }: Metric): string {
  return type === 'counter' ? name.replace(/_total$/, '') : name;
}

function block({ metric, samples = [], distributions = [] }: Family, name: string): string {
  const head = `# HELP ${name} ${escapeHelp(metric.help)}\n# TYPE ${name} ${metric.type}\n`;
  return head + samples.map((sample) => line(metric, sample)).join('') + distributionLines(metric, distributions);
}

function line({ name, labels }: Metric, { labels: values, value }: Sample): string {
  return `${name}${labelText(labels, values)} ${numberText(value)}\n`;
}

function distributionLines(metric: Metric, distributions: readonly Distribution[]): string {
  return distributions.map((distribution) => bucketLines(metric, distribution)).join('');
}

/** Buckets are cumulative: each counts everything up to its bound. */
function bucketLines({ name, labels }: Metric, { labels: values, bounds, counts, sum }: Distribution): string {
  let text = '';
  let count = 0;
  for (const [at, bucket] of counts.entries()) {
    count += bucket;
    const bound = bounds[at] ?? Infinity;
    text += `${name}_bucket${labelText([...labels, 'le'], [...values, boundText(bound)])} ${count}\n`;
  }
  const own = labelText(labels, values);
  return `${text}${name}_sum${own} ${numberText(sum)}\n${name}_count${own} ${count}\n`;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, at) => `${name}="${escapeLabel(values[at] ?? '')}"`).join(',')}}`;
}

/** OpenMetrics writes whole bounds with a fraction; both forms do, so that they are the same series. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : numberText(bound);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', String.raw`\"`);
}
