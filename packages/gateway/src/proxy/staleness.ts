import { isServedLate, ProblemError } from '@steadygate/core';
import type { Admitted } from './exchange.ts';

/**
 * Refuses what an instance that is cut off from its state can no longer answer for (T11).
 *
 * @throws ProblemError `unavailable`
 */
export function assertFresh(
  { match, request, decision }: Pick<Admitted, 'match' | 'request' | 'decision'>,
  staleMs: number,
): void {
  const { access, upstream } = match.route.policy;
  const asked = {
    isPublic: access === 'public',
    isOwn: upstream === undefined,
    isRead: (request.method === 'GET' || request.method === 'HEAD') && request.upgrade === undefined,
    credential: decision.principal?.credential.kind,
  };
  if (isServedLate(asked, staleMs)) return;
  throw new ProblemError('unavailable', {}, { cause: new Error(`cut off from the store for ${staleMs} ms`) });
}
