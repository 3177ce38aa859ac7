import type { TenantAccess } from '@steadygate/core';
import type { ControlContext } from '../proxy/deps.ts';

/** Who changes something through the control API, when, and by which request: what the store and its audit log want. */
export function by(
  access: TenantAccess,
  { nowMs, request }: ControlContext,
): { readonly actor: TenantAccess; readonly nowMs: number; readonly requestId: string } {
  return { actor: access, nowMs, requestId: request.id };
}
