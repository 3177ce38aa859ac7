import { type Balance, type BreakerState, isInService } from '@steadygate/core';
import type { CheckResult } from './health-check.ts';
import type { Target } from './target.ts';
import type { UpstreamState } from './upstream-state.ts';

/**
 * What can be seen of one target. `up`: in service. `down`: by its checks. `ejected`: by what became of its requests. `draining`: no longer
 * configured.
 */
export interface TargetView {
  /** Its origin. */
  readonly url: string;
  readonly weight: number;
  readonly state: 'up' | 'down' | 'ejected' | 'draining';
  readonly inFlight: number;
  /** Epoch milliseconds; undefined when it is not ejected. */
  readonly ejectedUntilMs: number | undefined;
  readonly lastCheck: CheckResult | undefined;
  /** Totals since it was configured. */
  readonly counts: Readonly<Target['counts']>;
}

/** What can be seen of one upstream: a copy of this moment, cheap enough to be taken at every scrape. */
export interface UpstreamView {
  readonly name: string;
  readonly balance: Balance;
  /** Requests, streams and sockets that hold a place. */
  readonly inFlight: number;
  /** Undefined: unbounded. */
  readonly inFlightMax: number | undefined;
  readonly queued: number;
  readonly queueMax: number | undefined;
  /** Undefined: it has none. */
  readonly breaker: BreakerState['kind'] | undefined;
  /** Totals since it was configured. */
  readonly counts: Readonly<UpstreamState['counts']>;
  readonly targets: readonly TargetView[];
}

/** The view of an upstream, with `targets` those in force and those that drain. */
export function viewOf(state: UpstreamState, targets: readonly Target[]): UpstreamView {
  const { name, policy, inFlight, queued, breaker, counts } = state;
  const nowMs = state.deps.nowMs();
  return {
    name,
    balance: policy.balance,
    inFlight,
    inFlightMax: policy.concurrency?.max,
    queued,
    queueMax: policy.concurrency?.queueMax,
    breaker: policy.breaker === undefined ? undefined : breaker.kind,
    counts: { ...counts },
    targets: targets.map((target) => targetView(target, nowMs)),
  };
}

function targetView(target: Target, nowMs: number): TargetView {
  const { address, weight, inFlight, ejectedUntilMs, lastCheck, counts } = target;
  return {
    url: address.url.origin,
    weight,
    state: stateOf(target, nowMs),
    inFlight,
    ejectedUntilMs: ejectedUntilMs > nowMs ? ejectedUntilMs : undefined,
    lastCheck,
    counts: { ...counts },
  };
}

function stateOf(target: Target, nowMs: number): TargetView['state'] {
  if (target.isDraining) return 'draining';
  if (isInService(target, nowMs)) return 'up';
  return target.isUp ? 'ejected' : 'down';
}
