import type { Metric } from './metric.ts';

/** What requests, alerts and connections are counted as. */
export const REQUEST_METRICS = {
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
  violations: {
    name: 'steadygate_violations_total',
    type: 'counter',
    labels: ['kind'],
    help: 'Refusals that count as violations, by kind: what blocks come from.',
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
} as const satisfies Readonly<Record<string, Metric>>;
