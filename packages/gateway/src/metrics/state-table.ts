import type { Metric } from './metric.ts';

/** What the gate knows and holds: sessions, caches, store, counters, configuration. */
export const STATE_METRICS = {
  blocks: {
    name: 'steadygate_blocks',
    type: 'gauge',
    labels: ['kind'],
    help: 'Blocks in force: of addresses (address), and of keys and users (caller).',
  },
  instances: {
    name: 'steadygate_instances',
    type: 'gauge',
    labels: [],
    help: 'Instances that serve from the same store, this one included; absent while the store cannot be asked.',
  },
  liveSessions: {
    name: 'steadygate_live_sessions',
    type: 'gauge',
    labels: [],
    help: 'Sessions in the store that have not ended; absent while the store cannot be asked.',
  },
  keysToRotate: {
    name: 'steadygate_keys_to_rotate',
    type: 'gauge',
    labels: [],
    help: 'Usable API keys older than `keys.remindAfter`, without a successor; absent while the store cannot be asked.',
  },
  cacheHits: {
    name: 'steadygate_cache_hits_total',
    type: 'counter',
    labels: ['cache'],
    help: 'Look-ups that a cache answered.',
  },
  cacheMisses: {
    name: 'steadygate_cache_misses_total',
    type: 'counter',
    labels: ['cache'],
    help: 'Look-ups that a cache could not answer.',
  },
  cacheEntries: {
    name: 'steadygate_cache_entries',
    type: 'gauge',
    labels: ['cache'],
    help: 'Entries of a cache.',
  },
  cacheEntriesMax: {
    name: 'steadygate_cache_entries_max',
    type: 'gauge',
    labels: ['cache'],
    help: 'Entries that a cache holds at most.',
  },
  storeDuration: {
    name: 'steadygate_store_operation_duration_seconds',
    type: 'histogram',
    labels: ['operation'],
    help: 'Time of one query (read), and of one change from its queueing until it is durable (change).',
  },
  counterDuration: {
    name: 'steadygate_counter_operation_duration_seconds',
    type: 'histogram',
    labels: ['operation'],
    help: 'Time of one take from, or return to, a budget on a shared server; counting in memory is not timed.',
  },
  storeUp: {
    name: 'steadygate_store_up',
    type: 'gauge',
    labels: [],
    help: 'Whether the store serves: 1 or 0.',
  },
  countersUp: {
    name: 'steadygate_counters_up',
    type: 'gauge',
    labels: [],
    help: 'Whether limits can be counted: 1 or 0.',
  },
  ready: {
    name: 'steadygate_ready',
    type: 'gauge',
    labels: [],
    help: 'What `/health/ready` says: 1 or 0.',
  },
  staleSeconds: {
    name: 'steadygate_feed_stale_seconds',
    type: 'gauge',
    labels: [],
    help: 'For how long this instance has been cut off from its state (T11); 0 while it is not.',
  },
  decisionsDropped: {
    name: 'steadygate_decisions_dropped_total',
    type: 'counter',
    labels: [],
    help: 'Decisions that did not get into the decision file because the disk was too slow.',
  },
  denialsOverflowed: {
    name: 'steadygate_denials_overflowed_total',
    type: 'counter',
    labels: [],
    help: 'Refusals that were counted in the audit log without their details because its queue was full.',
  },
  configGeneration: {
    name: 'steadygate_config_generation',
    type: 'gauge',
    labels: [],
    help: 'The number of the configuration in force; it rises with each reload.',
  },
  configReloads: {
    name: 'steadygate_config_reloads_total',
    type: 'counter',
    labels: ['result'],
    help: 'Reloads that came into force (taken) and that did not (refused).',
  },
} as const satisfies Readonly<Record<string, Metric>>;
