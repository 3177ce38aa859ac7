import type { Metric } from './metric.ts';

/** How upstreams and their targets do. */
export const UPSTREAM_METRICS = {
  upstreamInFlight: {
    name: 'steadygate_upstream_requests_in_flight',
    type: 'gauge',
    labels: ['upstream'],
    help: 'Requests, streams and sockets that hold a place at an upstream.',
  },
  upstreamInFlightMax: {
    name: 'steadygate_upstream_requests_in_flight_max',
    type: 'gauge',
    labels: ['upstream'],
    help: 'Places that an upstream has; absent where they are not bounded.',
  },
  upstreamQueued: {
    name: 'steadygate_upstream_requests_queued',
    type: 'gauge',
    labels: ['upstream'],
    help: 'Requests that wait for a place.',
  },
  upstreamRequests: {
    name: 'steadygate_upstream_requests_total',
    type: 'counter',
    labels: ['upstream'],
    help: 'Requests that were to go to an upstream.',
  },
  upstreamRetries: {
    name: 'steadygate_upstream_retries_total',
    type: 'counter',
    labels: ['upstream'],
    help: 'Requests that were sent to a further target after one had failed.',
  },
  upstreamRetriesOverBudget: {
    name: 'steadygate_upstream_retries_over_budget_total',
    type: 'counter',
    labels: ['upstream'],
    help: 'Retries that were left out because too many requests were retries.',
  },
  upstreamRefused: {
    name: 'steadygate_upstream_refused_total',
    type: 'counter',
    labels: ['upstream', 'reason'],
    help: 'Requests that an upstream never saw: `queue-full`, `waited-too-long`, `breaker`.',
  },
  upstreamBreaker: {
    name: 'steadygate_upstream_breaker_state',
    type: 'gauge',
    labels: ['upstream', 'state'],
    help: '1 for the state that the circuit breaker is in: `closed`, `open`, `half-open`; absent without a breaker.',
  },
  upstreamBreakerOpened: {
    name: 'steadygate_upstream_breaker_opened_total',
    type: 'counter',
    labels: ['upstream'],
    help: 'How often the circuit breaker opened.',
  },
  targetState: {
    name: 'steadygate_upstream_target_state',
    type: 'gauge',
    labels: ['upstream', 'target', 'state'],
    help: '1 for the state that a target is in: `up`, `down` by its checks, `ejected` by what became of its requests, `draining`.',
  },
  targetInFlight: {
    name: 'steadygate_upstream_target_requests_in_flight',
    type: 'gauge',
    labels: ['upstream', 'target'],
    help: 'Requests, streams and sockets at a target.',
  },
  targetRequests: {
    name: 'steadygate_upstream_target_requests_total',
    type: 'counter',
    labels: ['upstream', 'target'],
    help: 'Attempts at a target.',
  },
  targetFailures: {
    name: 'steadygate_upstream_target_failures_total',
    type: 'counter',
    labels: ['upstream', 'target'],
    help: 'Attempts at a target that failed.',
  },
  targetEjections: {
    name: 'steadygate_upstream_target_ejections_total',
    type: 'counter',
    labels: ['upstream', 'target'],
    help: 'How often a target was left out for what became of its requests.',
  },
  targetChecks: {
    name: 'steadygate_upstream_target_checks_total',
    type: 'counter',
    labels: ['upstream', 'target'],
    help: 'Health checks of a target.',
  },
  targetFailedChecks: {
    name: 'steadygate_upstream_target_failed_checks_total',
    type: 'counter',
    labels: ['upstream', 'target'],
    help: 'Health checks of a target that failed.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
