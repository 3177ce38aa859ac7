import type { UpstreamPolicy } from '@steadygate/core';

import type { UpstreamConfig } from './gateway-config.ts';
import type { Config } from './schema.ts';
import { type ConfigUpstream, EJECTION_DEFAULTS, RETRY_DEFAULTS, targetsOf } from './schema-upstreams.ts';
import { ownershipUpstream } from './to-policy.ts';

/** Where requests go, and how they are spread. */
export function toUpstreams(config: Config): readonly UpstreamConfig[] {
  const isolated = new Set(config.ownership.map((entry) => ownershipUpstream(entry, config)));
  return Object.entries(config.upstreams).map(([name, upstream]) => {
    const { host, injectHeaders } = upstream;
    const policy = toUpstreamPolicy(upstream);
    return { name, targets: targetsOf(upstream), host, policy, injectHeaders, isolated: isolated.has(name) };
  });
}

function toUpstreamPolicy(upstream: ConfigUpstream): UpstreamPolicy {
  const hasOthers = targetsOf(upstream).length > 1;
  return {
    balance: upstream.balance,
    health: toHealth(upstream.health),
    ejection: hasOthers ? toEjection(upstream.ejection ?? EJECTION_DEFAULTS) : undefined,
    retry: hasOthers ? toRetry(upstream.retry ?? RETRY_DEFAULTS) : undefined,
    concurrency: toConcurrency(upstream.concurrency),
    breaker: toBreaker(upstream.breaker),
    failureStatuses: upstream.failureStatuses,
  };
}

function toHealth(health: ConfigUpstream['health']): UpstreamPolicy['health'] {
  if (health === undefined) return undefined;
  const { path, every, timeout, healthyAfter, unhealthyAfter, status } = health;
  return { path, everyMs: every, timeoutMs: timeout, healthyAfter, unhealthyAfter, statuses: status };
}

function toEjection(ejection: NonNullable<ConfigUpstream['ejection']>): UpstreamPolicy['ejection'] {
  if (ejection === 'off') return undefined;
  return { failures: ejection.failures, forMs: ejection.for, forMsMax: Math.max(ejection.for, ejection.forMax) };
}

function toRetry(retry: NonNullable<ConfigUpstream['retry']>): UpstreamPolicy['retry'] {
  if (retry === 'off') return undefined;
  return { attempts: retry.attempts, share: retry.share / 100, reserve: retry.reserve };
}

function toConcurrency(concurrency: ConfigUpstream['concurrency']): UpstreamPolicy['concurrency'] {
  if (concurrency === undefined) return undefined;
  return { max: concurrency.max, queueMax: concurrency.queue, waitMs: concurrency.wait };
}

function toBreaker(breaker: ConfigUpstream['breaker']): UpstreamPolicy['breaker'] {
  if (breaker === undefined) return undefined;
  const { failures, requests, within, open, probes } = breaker;
  return { failurePercent: failures, requestsMin: requests, withinMs: within, openMs: open, probes };
}
