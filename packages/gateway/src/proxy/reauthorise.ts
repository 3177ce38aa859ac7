import { decide, isAccepted, permissionsOf } from '@steadygate/core';
import type { Operation, Principal, RouteMatch, RoutePolicy } from '@steadygate/core';
import type { Admitted } from './exchange.ts';
import type { Generation } from './generation.ts';

/** What ownership declares of an admitted request; the guards let nothing undeclared through. */
export function operationOf({ match }: { readonly match: RouteMatch }): Operation | undefined {
  return match.operation === 'undeclared' ? undefined : match.operation;
}

/**
 * Judges an open stream by a new generation: the admission to go on with, or undefined (T11).
 *
 * Access is judged anew, with what the caller's role grants now. Limits are not taken, and the credential is not
 * verified again: streams of ended sessions are closed by the sessions' own events.
 */
export async function reauthorised(admitted: Admitted, generation: Generation): Promise<Admitted | undefined> {
  const { request, decision, body } = admitted;
  const match = generation.table.match(request.method, request.path);
  if (match === undefined || !leadsToTheSame(admitted.match, match)) return undefined;
  const principal = decision.principal === undefined ? undefined : regranted(decision.principal, generation);
  if (!isStillAccepted(match.route.policy, principal)) return undefined;
  const guards = match.route.guards.filter(({ phase }) => phase === 'authorize');
  const judged = await decide(guards, { request, match, principal, body, nowMs: 0 });
  if (judged.outcome !== 'allow') return undefined;
  return { request, match, body, decision: { ...decision, principal } };
}

/** Denied routes have no upstream; a socket's route must still be one. */
function leadsToTheSame(before: RouteMatch, now: RouteMatch): boolean {
  const { policy } = now.route;
  if (policy.deny || policy.upstream !== before.route.policy.upstream) return false;
  return policy.websocket || !before.route.policy.websocket;
}

/** A route may have come to want another kind of credential. */
function isStillAccepted({ access }: RoutePolicy, principal: Principal | undefined): boolean {
  return access === 'public' || (principal !== undefined && isAccepted(access, principal.credential.kind));
}

/** A key's permissions are its own, whatever the roles are now. */
function regranted(principal: Principal, generation: Generation): Principal {
  if (principal.credential.kind === 'key') return principal;
  const grants = generation.roles[principal.role] ?? [];
  return { ...principal, permissions: permissionsOf(grants, principal.tenantId) };
}
