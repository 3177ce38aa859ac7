import { ProblemError } from '@steadygate/core';
import type { Admitted } from './exchange.ts';

/** From then on an instance takes no writes and no control actions. */
const WRITES_MS = 5_000;
/** From then on it serves public routes only, and its streams end. */
const EVERYTHING_MS = 60_000;

/** Whether streams must end on an instance that has been cut off from its state for so long (T11). */
export function endsStreams(staleMs: number): boolean {
  return staleMs >= EVERYTHING_MS;
}

/**
 * Refuses what an instance that is cut off from its state can no longer answer for (T11).
 *
 * Revocations do not reach it: what it has cached is good for a short while, and for reading only.
 *
 * @throws ProblemError `unavailable`
 */
export function assertFresh({ match, request }: Pick<Admitted, 'match' | 'request'>, staleMs: number): void {
  if (staleMs < WRITES_MS) return;
  const { access, upstream } = match.route.policy;
  if (access === 'public') return;
  const isPlainRead = (request.method === 'GET' || request.method === 'HEAD') && request.upgrade === undefined;
  if (isPlainRead && upstream !== undefined && !endsStreams(staleMs)) return;
  throw new ProblemError('unavailable', {}, { cause: new Error(`cut off from the store for ${staleMs} ms`) });
}
