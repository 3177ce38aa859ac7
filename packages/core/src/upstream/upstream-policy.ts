import type { BreakerPolicy } from './breaker.ts';
import type { Balance } from './choose-target.ts';
import type { EjectionPolicy } from './ejection.ts';
import type { HealthPolicy } from './health.ts';
import type { ConcurrencyPolicy } from './admission.ts';
import type { RetryPolicy } from './retry.ts';

/** How requests to one upstream are spread, limited and tried again. What is undefined is not done and costs nothing. */
export interface UpstreamPolicy {
  readonly balance: Balance;
  readonly health: HealthPolicy | undefined;
  readonly ejection: EjectionPolicy | undefined;
  readonly retry: RetryPolicy | undefined;
  readonly concurrency: ConcurrencyPolicy | undefined;
  readonly breaker: BreakerPolicy | undefined;
  /** Statuses of answers that count as failures, beside connections that fail, break off or time out. */
  readonly failureStatuses: readonly number[];
}

/** What became of a request, as far as it says something about who was asked. */
export type Outcome = 'success' | 'failure';
