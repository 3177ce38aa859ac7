import type { CacheUse } from '../auth/bounded-map.ts';
import type { DataPlaneCounts } from '../proxy/data-plane.ts';
import type { UpstreamView } from '../upstreams/view.ts';
import { type Family, family, type Metric } from './metric.ts';
import { METRICS } from './metrics.ts';
import { upstreamFamilies } from './upstream-families.ts';

/** What the store was asked for. */
export interface GateCensus {
  readonly liveSessions: number;
  readonly keysToRotate: number;
  /** That serve from the same store, this one included. */
  readonly instances: number;
}

/** What of a running gate is read when somebody asks. Nothing here waits. */
export interface GateView {
  readonly listeners: () => Readonly<Record<string, DataPlaneCounts>>;
  readonly upstreams: () => readonly UpstreamView[];
  readonly caches: () => Readonly<Record<string, CacheUse>>;
  /** As it was counted last; undefined when that failed. */
  readonly census: () => GateCensus | undefined;
  readonly blocks: () => { readonly addresses: number; readonly callers: number };
  readonly isStoreUp: () => boolean;
  readonly areCountersUp: () => boolean;
  readonly isReady: () => boolean;
  readonly staleMs: () => number;
  readonly generation: () => number;
  readonly decisionsDropped: () => number;
  readonly denialsOverflowed: () => number;
}

/** The state of a gate as metrics. */
export function gateFamilies(view: GateView): readonly Family[] {
  return [
    ...listenerFamilies(view.listeners()),
    ...upstreamFamilies(view.upstreams()),
    ...cacheFamilies(view.caches()),
    ...censusFamilies(view.census()),
    family(METRICS.blocks, [view.blocks().addresses, 'address'], [view.blocks().callers, 'caller']),
    family(METRICS.storeUp, [flag(view.isStoreUp())]),
    family(METRICS.countersUp, [flag(view.areCountersUp())]),
    family(METRICS.ready, [flag(view.isReady())]),
    family(METRICS.staleSeconds, [view.staleMs() / 1000]),
    family(METRICS.configGeneration, [view.generation()]),
    family(METRICS.decisionsDropped, [view.decisionsDropped()]),
    family(METRICS.denialsOverflowed, [view.denialsOverflowed()]),
  ];
}

function censusFamilies(census: GateCensus | undefined): readonly Family[] {
  const of = (metric: Metric, value: number | undefined): Family => {
    return value === undefined ? family(metric) : family(metric, [value]);
  };
  return [
    of(METRICS.liveSessions, census?.liveSessions),
    of(METRICS.keysToRotate, census?.keysToRotate),
    of(METRICS.instances, census?.instances),
  ];
}

function listenerFamilies(listeners: Readonly<Record<string, DataPlaneCounts>>): readonly Family[] {
  const all = Object.entries(listeners);
  return [
    family(METRICS.openConnections, ...all.map(([name, { connections }]) => [connections, name] as const)),
    family(
      METRICS.openStreams,
      ...all.flatMap(([name, { sockets, streams }]) => [
        [sockets, name, 'socket'] as const,
        [streams, name, 'stream'] as const,
      ]),
    ),
    family(
      METRICS.droppedMessages,
      ...all.flatMap(([name, { messagesDropped }]) => [
        [messagesDropped.up, name, 'up'] as const,
        [messagesDropped.down, name, 'down'] as const,
      ]),
    ),
  ];
}

function cacheFamilies(caches: Readonly<Record<string, CacheUse>>): readonly Family[] {
  const all = Object.entries(caches);
  return [
    family(METRICS.cacheHits, ...all.map(([name, { hits }]) => [hits, name] as const)),
    family(METRICS.cacheMisses, ...all.map(([name, { misses }]) => [misses, name] as const)),
    family(METRICS.cacheEntries, ...all.map(([name, { size }]) => [size, name] as const)),
    family(METRICS.cacheEntriesMax, ...all.map(([name, { sizeMax }]) => [sizeMax, name] as const)),
  ];
}

function flag(holds: boolean): number {
  return holds ? 1 : 0;
}
