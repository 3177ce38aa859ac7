import { UserView } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import type { User } from '../store/users.ts';
import { defineCommand } from './command.ts';
import type { OperatorDeps } from './deps.ts';
import { ENDED, ended } from './ended.ts';
import { AnId, byOperator, NextCursor, PAGE, Role, Tenant } from './fields.ts';
import { assertTenant } from './tenants.ts';

/** Makes a user who may log in by a link. */
export const createUser = defineCommand({
  name: 'user.create',
  summary: 'Create a user',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, role: Role, name: z.string().min(1).max(128).optional() }),
  output: UserView,
  async run(deps, { tenant, role, name }) {
    await assertTenant(deps, tenant);
    assertRole(deps, role);
    return toView(await deps.store.users.create({ role, name }, byOperator(deps, tenant)));
  },
});

/** Lists a tenant's members. */
export const listUsers = defineCommand({
  name: 'user.list',
  summary: 'List users',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, ...PAGE }),
  output: z.strictObject({ users: z.array(UserView), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const { items, nextCursor } = await deps.store.users.list(deps.actor(tenant), page);
    return { users: items.map(toView), nextCursor };
  },
});

/** Disables a user in every tenant: sessions, sockets and open invites end at once. */
export const disableUser = defineCommand({
  name: 'user.disable',
  summary: 'Disable a user everywhere',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, id: AnId }),
  output: z.strictObject({ id: z.string(), ...ENDED }),
  async run(deps, { tenant, id }) {
    if (await deps.store.users.disable(id, byOperator(deps, tenant))) return { id, ...(await ended(deps)) };
    throw new ProblemError('not-found', { detail: 'There is no such user who is not disabled already.' });
  },
});

/** @throws ProblemError `input-invalid` naming the roles that there are */
function assertRole(deps: OperatorDeps, role: string): void {
  const { roles } = deps.settings();
  if (roles.includes(role)) return;
  throw new ProblemError('input-invalid', { detail: `There is no role ${role}. Roles: ${roles.join(', ')}.` });
}

function toView({ id, name, role, createdAtMs, disabledAtMs }: User): z.input<typeof UserView> {
  return { id, name: name ?? null, role, createdAt: createdAtMs, disabledAt: disabledAtMs ?? null };
}
