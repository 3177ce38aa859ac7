import type { Metric } from './metric.ts';

/**
 * Every metric of the gate. The reference page is made from this table, and the dashboard and the alert rules are checked against it.
 *
 * No label holds a path, an id, a tenant, a key or an address: what callers send makes no series.
 */
export const METRICS = {
  requests: {
    name: 'steadygate_requests_total',
    type: 'counter',
    labels: ['route', 'verdict', 'guard', 'status_class'],
    help: 'Requests by route pattern, verdict (allow, answer, deny), the guard that refused and the class of the status.',
  },
  refusals: {
    name: 'steadygate_refusals_total',
    type: 'counter',
    labels: ['guard', 'code'],
    help: 'Refused requests by guard and problem code.',
  },
  shadowFindings: {
    name: 'steadygate_shadow_findings_total',
    type: 'counter',
    labels: ['route', 'guard'],
    help: 'What guards in shadow would have refused.',
  },
  addedDuration: {
    name: 'steadygate_added_duration_seconds',
    type: 'histogram',
    labels: ['route'],
    help: "Time a request spent inside the gate: without waiting for the client's body or for the upstream.",
  },
  upstreamDuration: {
    name: 'steadygate_upstream_duration_seconds',
    type: 'histogram',
    labels: ['upstream'],
    help: 'Time from sending a request to an upstream up to the head of its answer.',
  },
  alerts: {
    name: 'steadygate_alerts_total',
    type: 'counter',
    labels: ['kind'],
    help: 'What somebody should look at, by kind: each is a line of the log with `alert`.',
  },
  openConnections: {
    name: 'steadygate_open_connections',
    type: 'gauge',
    labels: ['listener'],
    help: 'Open connections of clients.',
  },
  openStreams: {
    name: 'steadygate_open_streams',
    type: 'gauge',
    labels: ['listener', 'kind'],
    help: 'Open WebSockets (socket) and event streams (stream).',
  },
  droppedMessages: {
    name: 'steadygate_dropped_messages_total',
    type: 'counter',
    labels: ['listener', 'direction'],
    help: 'Messages of sockets that were not let up or down.',
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
    name: 'steadygate_stale_seconds',
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
  loopDelay: {
    name: 'steadygate_event_loop_delay_seconds',
    type: 'gauge',
    labels: ['quantile'],
    help: 'How late the event loop was in the last whole period of 10 seconds, by quantile; 1 is the worst.',
  },
  loopActive: {
    name: 'steadygate_event_loop_active_seconds_total',
    type: 'counter',
    labels: [],
    help: 'Time in which the event loop worked; its rate is its utilization.',
  },
  collection: {
    name: 'steadygate_gc_duration_seconds',
    type: 'histogram',
    labels: ['kind'],
    help: 'Pauses for garbage collection by kind.',
  },
  heapUsed: {
    name: 'steadygate_heap_used_bytes',
    type: 'gauge',
    labels: [],
    help: 'Memory of live objects and of those not collected yet.',
  },
  heapTotal: {
    name: 'steadygate_heap_total_bytes',
    type: 'gauge',
    labels: [],
    help: 'Memory that is held for objects.',
  },
  externalMemory: {
    name: 'steadygate_external_memory_bytes',
    type: 'gauge',
    labels: [],
    help: 'Memory outside of the heap that objects stand for, such as buffers.',
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    labels: [],
    help: 'CPU time of the process, user and system.',
  },
  resident: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    labels: [],
    help: 'Resident memory of the process.',
  },
  startTime: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the process started, in seconds since the epoch.',
  },
  openFiles: {
    name: 'process_open_fds',
    type: 'gauge',
    labels: [],
    help: 'Open file descriptors, sockets included; absent where the system does not tell.',
  },
  openFilesMax: {
    name: 'process_max_fds',
    type: 'gauge',
    labels: [],
    help: 'File descriptors that the process may open; absent where the system does not tell.',
  },
  build: {
    name: 'steadygate_build_info',
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1; which program this is.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
