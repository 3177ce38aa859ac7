import { deny, type Guard } from '../guard.ts';
import type { RoutePolicy } from '../policy/policy.ts';

/**
 * Refuses everything a `deny` route matches, in every spelling (T9).
 *
 * As `not-found`, like a path without a route: an answer of its own would tell that something is there.
 */
export function routeDeniedGuard({ config }: RoutePolicy): Guard {
  const refusal = deny('not-found', { rule: 'denied route', field: 'path', config: `${config}.deny` });
  return { id: 'route-denied', phase: 'screen', onError: 'deny', evaluate: () => refusal };
}

/** Refuses a path that a lax server could take for one of this route, and that is not spelt like one (T9). */
export function spellingGuard({ config }: RoutePolicy): Guard {
  const refusal = deny('not-found', {
    rule: 'another spelling of a guarded path',
    field: 'path',
    config: `${config}.path`,
  });
  return { id: 'spelling', phase: 'screen', onError: 'deny', evaluate: () => refusal };
}
