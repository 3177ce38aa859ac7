import { deny, type Guard, isAccepted, type Permission, permissionsOf, type Principal } from '@steadygate/core';
import type { RecordedCaller, RecordedRequest } from './recorded-request.ts';

/** Guards that ask for what no recording holds: credentials, sessions, owners of objects, blocks of that hour. */
const NEVER_JUDGED: ReadonlySet<string> = new Set([
  'authenticate',
  'csrf',
  'ownership',
  'tenant',
  'block.address',
  'block.caller',
  'burst',
  'quota.key',
]);
const NEEDS_CALLER: ReadonlySet<string> = new Set(['permission', 'limit.principal', 'limit.tenant', 'limit.key']);

/** Whether a refusal by this guard can be repeated from a recording. */
export function isReplayed(guardId: string): boolean {
  return !NEVER_JUDGED.has(guardId);
}

/** What of a route a recorded request can be held against, in order. The recorded caller stands for authentication. */
export function replayGuards(guards: readonly Guard[], request: RecordedRequest, callers: Callers): readonly Guard[] {
  return guards.flatMap((guard) => {
    if (guard.id === 'authenticate') return request.caller === undefined ? [] : [callers.guardFor(request.caller)];
    return isJudgeable(guard.id, request) ? [guard] : [];
  });
}

function isJudgeable(id: string, { caller, atMs, isBodyMissing }: RecordedRequest): boolean {
  if (!isReplayed(id)) return false;
  if (caller === undefined && NEEDS_CALLER.has(id)) return false;
  if (atMs === undefined && id.startsWith('limit.')) return false;
  return !(isBodyMissing && id === 'schema');
}

/** The callers of a recording, with what their roles grant in the configuration that is tried. */
export interface Callers {
  guardFor(caller: RecordedCaller): Guard;
}

/** Callers under the roles of a configuration. */
export function callersUnder(roles: Readonly<Record<string, readonly Permission[]>>): Callers {
  const known = new Map<string, Principal>();
  const principalOf = (caller: RecordedCaller): Principal => {
    const key = JSON.stringify(caller);
    const principal = known.get(key) ?? toPrincipal(caller, roles);
    if (known.size < 10_000) known.set(key, principal);
    return principal;
  };
  return {
    guardFor: (caller) => ({
      id: 'authenticate',
      phase: 'authenticate',
      onError: 'deny',
      evaluate: ({ match }) => {
        if (!isAccepted(match.route.policy.access, caller.kind)) {
          return deny('credential-required', { rule: `the route does not take a ${caller.kind}` });
        }
        return { kind: 'identify', principal: principalOf(caller) };
      },
    }),
  };
}

function toPrincipal(caller: RecordedCaller, roles: Readonly<Record<string, readonly Permission[]>>): Principal {
  const { tenantId, userId, role, kind, permissions } = caller;
  const grants = kind === 'key' ? permissions : Object.hasOwn(roles, role) ? (roles[role] ?? []) : [];
  const ends = { id: `replayed-${userId}`, expiresAtMs: Number.POSITIVE_INFINITY };
  const credential =
    kind === 'key'
      ? ({ ...ends, kind, via: 'key', environment: 'live', addresses: [], limit: undefined } as const)
      : ({ ...ends, kind, via: 'bearer' } as const);
  return { tenantId, userId, role, permissions: permissionsOf(grants, tenantId), credential };
}
