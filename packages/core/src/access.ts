import type { Principal } from './principal.ts';

/** A permission as `area:action`, both lower-case words; a role may also hold `area:*`, `*:read` or `*`. */
export type Permission = string;

declare const permissionSet: unique symbol;
declare const tenantAccess: unique symbol;

/** What a role grants, compiled by `permissionsOf()`. */
export interface PermissionSet {
  readonly [permissionSet]: true;
  has(permission: Permission): boolean;
  /** Whether every one of `grants`, wildcards included, is within this set: nobody hands out more than they hold. */
  covers(grants: readonly Permission[]): boolean;
  list(): readonly Permission[];
}

/** Areas that exist only in tenant `system`: no other tenant's role reaches them, whatever its wildcards (T15). */
export const PLATFORM_AREAS: readonly string[] = ['config', 'tenant', 'posture', 'platform', 'metrics'];

/** What a key of tenant `system` may hold: platform work is done by people, and services may watch (T15). */
export const PLATFORM_KEY_PERMISSIONS: readonly Permission[] = ['metrics:read'];

/* `self:*` is what everybody may do with their own sessions: every role holds it, none can lose it. */

/** Proof that a principal was authorised in a tenant. Made only by `authorize()`; store functions take it. */
export interface TenantAccess {
  readonly [tenantAccess]: true;
  readonly tenantId: string;
  readonly userId: string;
  readonly credentialId: string;
}

/** Compiles a role's grants. In any tenant but `system`, platform areas are never granted (T15). */
export function permissionsOf(grants: readonly Permission[], tenantId: string): PermissionSet {
  // `*:*` is another spelling of `*`: what it grants and what it covers must not differ.
  const granted = new Set(grants.map((grant) => (grant === '*:*' ? '*' : grant)));
  const cache = new Map<Permission, boolean>();
  const set = {
    has(permission: Permission): boolean {
      const known = cache.get(permission);
      if (known !== undefined) return known;
      const allowed = grantsPermission(granted, permission, tenantId);
      if (cache.size < 1024) cache.set(permission, allowed);
      return allowed;
    },
    covers: (grants: readonly Permission[]) => grants.every((grant) => coversGrant(granted, grant)),
    list: () => [...granted],
  };
  // The brand exists only in the type: this is its one source.
  return set as unknown as PermissionSet;
}

function grantsPermission(granted: ReadonlySet<string>, permission: Permission, tenantId: string): boolean {
  const colon = permission.indexOf(':');
  if (colon <= 0) return false;
  const area = permission.slice(0, colon);
  const action = permission.slice(colon + 1);
  if (area === 'self') return true;
  if (PLATFORM_AREAS.includes(area) && tenantId !== 'system') return false;
  return granted.has('*') || granted.has(permission) || granted.has(`${area}:*`) || granted.has(`*:${action}`);
}

function coversGrant(granted: ReadonlySet<string>, grant: Permission): boolean {
  const [area = '', action = ''] = grant.split(':');
  return granted.has('*') || granted.has(grant) || granted.has(`${area}:*`) || granted.has(`*:${action}`);
}

/** The proof that `principal` holds `permission` in its own tenant, or undefined. */
export function authorize(principal: Principal, permission: Permission): TenantAccess | undefined {
  if (!principal.permissions.has(permission)) return undefined;
  const { tenantId, userId, credential } = principal;
  // The brand exists only in the type: this is its one source.
  return { tenantId, userId, credentialId: credential.id } as unknown as TenantAccess;
}
