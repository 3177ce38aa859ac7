import { type Permission, PLATFORM_AREAS } from '../access.ts';
import { deny, type Guard, PASS } from '../guard.ts';
import { isReadMethod } from '../policy/methods.ts';
import type { RoutePolicy } from '../policy/policy.ts';
import type { Principal } from '../principal.ts';

/** Refuses principals whose role lacks the route's permission: `read` for GET and HEAD, `write` for the rest (SB4, T3). */
export function permissionGuard(needed: { read: Permission; write: Permission }, route: RoutePolicy): Guard {
  return {
    id: 'permission',
    phase: 'authorize',
    onError: 'deny',
    evaluate({ principal, request }) {
      // An upgrade is a GET that opens a way up; what may go up it has permissions of its own (T7).
      const permission = isReadMethod(request.method) ? needed.read : needed.write;
      if (principal?.permissions.has(permission) === true) return PASS;
      const finding = { rule: `needs ${permission}`, config: `${route.config}.permission` };
      const exception = principal === undefined ? undefined : exceptionFor(principal, permission);
      return deny('permission-denied', exception === undefined ? finding : { ...finding, exception });
    },
  };
}

/** Platform permissions have none outside tenant `system` (T15). */
function exceptionFor(principal: Principal, permission: Permission): string | undefined {
  const isPlatform = PLATFORM_AREAS.some((area) => permission.startsWith(`${area}:`));
  if (isPlatform && principal.tenantId !== 'system') return undefined;
  // A key's permissions are its own: no role would change them.
  if (principal.credential.kind === 'key') return undefined;
  const grants = [...principal.permissions.list(), permission].map((grant) =>
    grant.includes('*') ? `'${grant}'` : grant,
  );
  return `roles.${principal.role}.permissions: [${grants.join(', ')}]`;
}
