import type { Metric } from './metric.ts';

/** What the process itself takes. */
export const PROCESS_METRICS = {
  loopDelay: {
    name: 'steadygate_event_loop_delay_seconds',
    type: 'gauge',
    labels: ['percentile'],
    help: 'How late the event loop was in the last whole period of 10 seconds, by percentile: `p50`, `p90`, `p99`, `max`.',
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
  spans: {
    name: 'steadygate_telemetry_spans_total',
    type: 'counter',
    labels: ['result'],
    help: 'Spans for the OpenTelemetry collector: `sent`, and `dropped` because it was away or too slow. Without traces there are none.',
  },
  exportFailures: {
    name: 'steadygate_telemetry_export_failures_total',
    type: 'counter',
    labels: ['signal'],
    help: 'Exports to the OpenTelemetry collector that did not arrive, further attempts included.',
  },
  build: {
    name: 'steadygate_build_info',
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1; which program this is.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
