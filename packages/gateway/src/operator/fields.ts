import { z } from 'zod';
import type { Change } from '../store/change.ts';
import type { OperatorDeps } from './deps.ts';

/** The tenant a command works in. */
export const Tenant = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a tenant is lower-case letters, digits, - and _')
  .default('default');

/** The id of something of ours. */
export const AnId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'not an id');

/** A role's name. */
export const Role = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'not the name of a role');

/** Which part of a list is asked for. */
export const PAGE = {
  limit: z.int().min(1, 'at least 1').max(200, 'at most 200').default(50),
  cursor: z.string().max(128).optional(),
};

/** The cursor of the next page; null on the last. */
export const NextCursor = z.string().nullable();

/** How long something holds, in milliseconds, up to `days`. */
export function lifeOf(days: number): z.ZodInt {
  return z
    .int()
    .min(60_000, 'at least 1m')
    .max(days * 86_400_000, `at most ${days * 24}h`);
}

/** The operator as the one who changes something in a tenant, now. */
export function byOperator(deps: OperatorDeps, tenantId: string): Change {
  return { actor: deps.actor(tenantId), nowMs: deps.clock.nowMs(), requestId: deps.newRequestId() };
}
