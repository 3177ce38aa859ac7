import type { Metric } from './metric.ts';
import { PROCESS_METRICS } from './process-table.ts';
import { REQUEST_METRICS } from './request-table.ts';
import { STATE_METRICS } from './state-table.ts';
import { UPSTREAM_METRICS } from './upstream-table.ts';

/**
 * Every metric of the gate. The reference page is made from this table, and the dashboard and the alert rules are checked against it.
 *
 * No label holds a path, an id, a tenant, a key or an address: what callers send makes no series.
 */
export const METRICS = {
  ...REQUEST_METRICS,
  ...UPSTREAM_METRICS,
  ...STATE_METRICS,
  ...PROCESS_METRICS,
} as const satisfies Readonly<Record<string, Metric>>;
