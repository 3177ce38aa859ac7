import type { ProblemCode } from '../problem.ts';

/** How often a failed request is tried on another target. */
export interface RetryPolicy {
  /** Further targets for one request. */
  readonly attempts: number;
  /** Retries for each request, on average: 0.2 is one for every five. */
  readonly share: number;
  /** Retries that may come at once, as when a target dies with many requests under way. */
  readonly reserve: number;
}

/** An attempt that failed. */
export interface FailedAttempt {
  readonly method: string;
  readonly code: ProblemCode;
  /** Whether anything of it was sent. */
  readonly reach: 'unsent' | 'sent';
  /** Whether an answer had begun. */
  readonly hasHead: boolean;
  /** There is no body, or all of it can be sent once more. */
  readonly isBodyWhole: boolean;
}

/**
 * Whether a failed attempt may be made once more, elsewhere.
 *
 * What was never sent may, whatever its method. What was sent may only when it is GET or HEAD (RFC 9110 §9.2.1: its second
 * run changes nothing) and broke off: after a time-out, the time that its caller was promised is over.
 */
export function isRepeatable({ method, code, reach, hasHead, isBodyWhole }: FailedAttempt): boolean {
  if (hasHead || !isBodyWhole) return false;
  if (reach === 'unsent') return code === 'upstream-failed' || code === 'upstream-timeout';
  return code === 'upstream-failed' && (method === 'GET' || method === 'HEAD');
}

/** What may be spent on retries after one more request came. Retries take 1 each, so they never become a storm. */
export function earnedRetries(retries: number, { share, reserve }: RetryPolicy): number {
  return Math.min(reserve, retries + share);
}
