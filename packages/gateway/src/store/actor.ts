import type { TenantAccess } from '@steadygate/core';

declare const systemActor: unique symbol;

/** The gate itself or whoever owns its data directory, acting in a tenant without a principal. */
export interface SystemActor {
  readonly [systemActor]: true;
  readonly tenantId: string;
  readonly system: SystemName;
}

/** `cli`: over the control socket; `gate`: the program's own doing. */
export type SystemName = 'cli' | 'gate';

/** Who changes something: an authorised principal, or the system. */
export type Actor = TenantAccess | SystemActor;

/** The tenant that holds the platform permissions (T15). */
export const SYSTEM_TENANT = 'system';

/** The tenant that always exists. */
export const DEFAULT_TENANT = 'default';

/** The system acting in a tenant. For the control socket and the program's own jobs only, never on behalf of a request. */
export function actAsSystem(system: SystemName, tenantId: string): SystemActor {
  // The brand exists only in the type: this is its one source.
  return { system, tenantId } as SystemActor;
}

/** How the audit log names an actor: an id, never a name. */
export function actorName(actor: Actor): `user:${string}` | `system:${string}` {
  return 'system' in actor ? `system:${actor.system}` : `user:${actor.userId}`;
}

/** Whether an actor may touch what lies above tenants (T15): users as a whole, tenants, signing keys. */
export function isPlatform(actor: Actor): boolean {
  return 'system' in actor || actor.tenantId === SYSTEM_TENANT;
}

/** @throws Error when the actor is bound to one tenant: a missing check of the caller */
export function assertPlatform(actor: Actor): void {
  if (!isPlatform(actor)) throw new Error('this change needs the platform');
}
