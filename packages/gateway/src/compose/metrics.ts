import type { BlockBook, SessionAudience } from '@steadygate/core';
import type { CacheUse } from '../auth/bounded-map.ts';
import { timedBuckets } from '../counters/timed-buckets.ts';
import { CensusTaker } from '../jobs/census-taker.ts';
import { gateFamilies } from '../metrics/gate-view.ts';
import type { Measurements } from '../metrics/measurements.ts';
import { type Collector, family } from '../metrics/metric.ts';
import { METRICS } from '../metrics/metrics.ts';
import { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import type { Runtime } from '../runtime.ts';
import type { Store } from '../store/store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Upstreams } from '../upstreams/upstreams.ts';
import { VERSION } from '../version.ts';
import { monotonicMs, systemClock } from './base.ts';
import type { Counters } from './counters.ts';
import type { StateFeed } from './feed.ts';
import type { GateKeys } from './keys.ts';
import type { ListenerSessions } from './listener.ts';

/** What a gate measures of itself. */
export interface GateMetrics {
  /** Every metric, as it is now. */
  readonly read: Collector;
  /** A reload came into force, or did not. */
  reloaded(result: 'taken' | 'refused'): void;
  stop(): Promise<void>;
}

/** What metrics are read from. */
export interface MetricsParts {
  readonly measurements: Measurements;
  readonly runtime: Runtime;
  readonly store: Store;
  readonly counters: Counters;
  readonly sessions: { readonly all: readonly ListenerSessions[] };
  readonly apiKeys: GateKeys;
  readonly decisions: { readonly dropped: number };
  readonly planes: { readonly main: DataPlane; readonly control: DataPlane | undefined };
  readonly upstreams: Pick<Upstreams, 'views'>;
  readonly isReady: () => boolean;
  readonly feed: Pick<StateFeed, 'staleMs' | 'others'>;
  readonly blocks: { readonly book: Pick<BlockBook, 'counts'> };
  readonly telemetry: Telemetry | undefined;
}

/** Counters that tell how long they take; those in memory answer at once and are left as they are. */
export function watchedCounters(counters: Counters, measurements: Measurements): Counters {
  if (!counters.isShared) return counters;
  return { ...counters, buckets: timedBuckets(counters.buckets, monotonicMs, measurements.onCount) };
}

/** The metrics of a gate that is put together. */
export function gateMetrics(parts: MetricsParts): GateMetrics {
  const { measurements, runtime, store, counters, planes, decisions } = parts;
  const ofProcess = new ProcessMetrics(VERSION);
  const taker = new CensusTaker({
    take: async () => {
      const nowMs = systemClock.nowMs();
      const keysMadeBeforeMs = nowMs - runtime.config.keys.remindAfterMs;
      const [counted, others] = await Promise.all([store.census({ nowMs, keysMadeBeforeMs }), parts.feed.others()]);
      return { ...counted, instances: others.length + 1 };
    },
  });
  const view = {
    listeners: () => ({
      main: planes.main.counts(),
      ...(planes.control === undefined ? {} : { control: planes.control.counts() }),
    }),
    upstreams: () => parts.upstreams.views(),
    caches: () => cachesOf(parts),
    census: () => taker.last(),
    blocks: () => parts.blocks.book.counts(systemClock.nowMs()),
    isStoreUp: () => store.failure() === undefined,
    areCountersUp: () => counters.failure() === undefined,
    isReady: parts.isReady,
    staleMs: () => parts.feed.staleMs(),
    generation: () => runtime.current().number,
    decisionsDropped: () => decisions.dropped,
    denialsOverflowed: () => store.denials.overflowed(),
  };
  const telemetry = parts.telemetry?.families ?? noTelemetry;
  const read = () => [...measurements.families(), ...gateFamilies(view), ...ofProcess.families(), ...telemetry()];
  parts.telemetry?.measure(read);
  return {
    read,
    reloaded: (result) => measurements.reloaded(result),
    async stop() {
      await parts.telemetry?.close();
      ofProcess.stop();
      taker.stop();
    },
  };
}

/** Nothing is sent anywhere: the metrics of sending have no series. */
const noTelemetry: Collector = () => [family(METRICS.spans), family(METRICS.exportFailures)];

const CACHES: Readonly<Record<SessionAudience, readonly [tokens: string, sessions: string]>> = {
  session: ['tokens', 'sessions'],
  control: ['control-tokens', 'control-sessions'],
};

function cachesOf({ sessions, apiKeys, store }: MetricsParts): Readonly<Record<string, CacheUse>> {
  const ofSessions = sessions.all.flatMap(({ audience, authenticator, live }) => {
    const [tokensName, sessionsName] = CACHES[audience];
    return [[tokensName, authenticator.cache] as const, [sessionsName, live.cache] as const];
  });
  return { ...Object.fromEntries(ofSessions), keys: apiKeys.authenticator.cache, owners: store.owners.cacheUse() };
}
