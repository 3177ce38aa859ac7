import type { TargetView, UpstreamView } from '../upstreams/view.ts';
import { type Family, family } from './metric.ts';
import { METRICS } from './metrics.ts';

const TARGET_STATES = ['up', 'down', 'ejected', 'draining'] as const;
const BREAKER_STATES = { closed: 'closed', open: 'open', halfOpen: 'half-open' } as const;

/** How often requests did not go up as they came, by the reason that metrics call it. */
const REFUSALS: readonly (readonly [keyof UpstreamView['counts'], string])[] = [
  ['queueFull', 'queue-full'],
  ['waitedTooLong', 'waited-too-long'],
  ['refusedByBreaker', 'breaker'],
];

/** Upstreams and their targets as metrics. Targets are named by their origin, which is configured. */
export function upstreamFamilies(upstreams: readonly UpstreamView[]): readonly Family[] {
  const totals = (key: keyof UpstreamView['counts']) =>
    upstreams.map(({ name, counts }) => [counts[key], name] as const);
  const bounded = upstreams.flatMap(({ name, inFlightMax }) =>
    inFlightMax === undefined ? [] : [[inFlightMax, name] as const],
  );
  return [
    family(METRICS.upstreamInFlight, ...upstreams.map(({ name, inFlight }) => [inFlight, name] as const)),
    family(METRICS.upstreamInFlightMax, ...bounded),
    family(METRICS.upstreamQueued, ...upstreams.map(({ name, queued }) => [queued, name] as const)),
    family(METRICS.upstreamRequests, ...totals('requests')),
    family(METRICS.upstreamRetries, ...totals('retries')),
    family(METRICS.upstreamRetriesOverBudget, ...totals('retriesOverBudget')),
    family(
      METRICS.upstreamRefused,
      ...upstreams.flatMap(({ name, counts }) => REFUSALS.map(([key, reason]) => [counts[key], name, reason] as const)),
    ),
    family(METRICS.upstreamBreaker, ...upstreams.flatMap(breakerSamples)),
    family(METRICS.upstreamBreakerOpened, ...totals('breakerOpened')),
    ...targetFamilies(upstreams),
  ];
}

function breakerSamples({ name, breaker }: UpstreamView) {
  if (breaker === undefined) return [];
  return Object.values(BREAKER_STATES).map(
    (state) => [state === BREAKER_STATES[breaker] ? 1 : 0, name, state] as const,
  );
}

function targetFamilies(upstreams: readonly UpstreamView[]): readonly Family[] {
  const all = upstreams.flatMap(({ name, targets }) => merged(targets).map((target) => ({ name, target })));
  const totals = (key: keyof TargetView['counts']) =>
    all.map(({ name, target }) => [target.counts[key], name, target.url] as const);
  return [
    family(
      METRICS.targetState,
      ...all.flatMap(({ name, target }) =>
        TARGET_STATES.map((state) => [state === target.state ? 1 : 0, name, target.url, state] as const),
      ),
    ),
    family(METRICS.targetInFlight, ...all.map(({ name, target }) => [target.inFlight, name, target.url] as const)),
    family(METRICS.targetRequests, ...totals('requests')),
    family(METRICS.targetFailures, ...totals('failures')),
    family(METRICS.targetEjections, ...totals('ejections')),
    family(METRICS.targetChecks, ...totals('checks')),
    family(METRICS.targetFailedChecks, ...totals('failedChecks')),
  ];
}

/** Two targets may have one origin, under two names of its host: they are one series, of which the better state counts. */
function merged(targets: readonly TargetView[]): readonly TargetView[] {
  const byUrl = new Map<string, TargetView>();
  for (const target of targets) {
    const known = byUrl.get(target.url);
    byUrl.set(target.url, known === undefined ? target : sum(known, target));
  }
  return [...byUrl.values()];
}

function sum(one: TargetView, other: TargetView): TargetView {
  const better = TARGET_STATES.indexOf(one.state) <= TARGET_STATES.indexOf(other.state) ? one : other;
  const add = (key: keyof TargetView['counts']): number => one.counts[key] + other.counts[key];
  return {
    ...better,
    inFlight: one.inFlight + other.inFlight,
    counts: {
      requests: add('requests'),
      failures: add('failures'),
      ejections: add('ejections'),
      checks: add('checks'),
      failedChecks: add('failedChecks'),
    },
  };
}
