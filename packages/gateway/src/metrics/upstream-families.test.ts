import { expect, it } from 'vitest';
import { parseExposition, valueOf } from '../../test/exposition.ts';
import type { TargetView, UpstreamView } from '../upstreams/view.ts';
import { PROMETHEUS } from './exposition.ts';
import { upstreamFamilies } from './upstream-families.ts';

const COUNTS = {
  requests: 10,
  retries: 2,
  retriesOverBudget: 1,
  queueFull: 3,
  waitedTooLong: 4,
  leftQueue: 0,
  refusedByBreaker: 5,
  breakerOpened: 1,
};

function target(url: string, state: TargetView['state'], change: Partial<TargetView> = {}): TargetView {
  const counts = { requests: 6, failures: 2, ejections: 1, checks: 9, failedChecks: 4 };
  return { url, weight: 1, state, inFlight: 2, ejectedUntilMs: undefined, lastCheck: undefined, counts, ...change };
}

function upstream(change: Partial<UpstreamView> = {}): UpstreamView {
  const targets = [target('http://a:1', 'up'), target('http://b:1', 'ejected')];
  const plain = {
    balance: 'roundRobin',
    inFlight: 4,
    inFlightMax: 8,
    queued: 1,
    queueMax: 2,
    breaker: 'halfOpen',
  } as const;
  return { name: 'app', ...plain, counts: COUNTS, targets, ...change };
}

function shown(...upstreams: readonly UpstreamView[]) {
  return parseExposition(PROMETHEUS.write(upstreamFamilies(upstreams)));
}

it('tells how full an upstream is, and what it refused and why', () => {
  const parsed = shown(upstream());
  expect(valueOf(parsed, 'steadygate_upstream_requests_in_flight', { upstream: 'app' })).toBe(4);
  expect(valueOf(parsed, 'steadygate_upstream_requests_in_flight_max', { upstream: 'app' })).toBe(8);
  expect(valueOf(parsed, 'steadygate_upstream_requests_queued', { upstream: 'app' })).toBe(1);
  const refused = ['queue-full', 'waited-too-long', 'breaker'].map((reason) =>
    valueOf(parsed, 'steadygate_upstream_refused_total', { upstream: 'app', reason }),
  );
  expect(refused).toEqual([3, 4, 5]);
  expect(valueOf(parsed, 'steadygate_upstream_retries_total', { upstream: 'app' })).toBe(2);
});

it('tells exactly one state of each target and breaker', () => {
  const { samples } = shown(upstream());
  const states = samples.filter(({ name }) => name.endsWith('_state')).filter(({ value }) => value === 1);
  expect(states.map(({ labels }) => labels)).toEqual([
    { upstream: 'app', state: 'half-open' },
    { upstream: 'app', target: 'http://a:1', state: 'up' },
    { upstream: 'app', target: 'http://b:1', state: 'ejected' },
  ]);
});

it('tells nothing of bounds and breakers that are not configured', () => {
  const parsed = shown(upstream({ inFlightMax: undefined, breaker: undefined }));
  expect(valueOf(parsed, 'steadygate_upstream_requests_in_flight_max')).toBeUndefined();
  expect(valueOf(parsed, 'steadygate_upstream_breaker_state')).toBeUndefined();
});

it('makes one series of two targets at one origin', () => {
  const parsed = shown(upstream({ targets: [target('http://a:1', 'draining'), target('http://a:1', 'up')] }));
  const labels = { upstream: 'app', target: 'http://a:1' };
  expect(valueOf(parsed, 'steadygate_upstream_target_requests_total', labels)).toBe(12);
  expect(valueOf(parsed, 'steadygate_upstream_target_requests_in_flight', labels)).toBe(4);
  expect(valueOf(parsed, 'steadygate_upstream_target_state', { ...labels, state: 'up' })).toBe(1);
});
