import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { defineCommand } from './command.ts';
import type { OperatorDeps } from './deps.ts';
import { byOperator } from './fields.ts';

/** The tenant that holds the platform permissions (T15). */
const PLATFORM_TENANT = 'system';

const TenantView = z.strictObject({ id: z.string(), createdAt: z.int() });

/** Makes a tenant. */
export const createTenant = defineCommand({
  name: 'tenant.create',
  summary: 'Create a tenant',
  needsServer: false,
  input: z.strictObject({
    tenant: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a tenant is lower-case letters, digits, - and _'),
  }),
  output: z.strictObject({ tenant: z.string() }),
  async run(deps, { tenant }) {
    const made = await deps.store.tenants.create(tenant, byOperator(deps, PLATFORM_TENANT));
    if (!made) throw new ProblemError('conflict', { detail: `There is a tenant ${tenant} already.` });
    return { tenant };
  },
});

/** Lists all tenants. */
export const listTenants = defineCommand({
  name: 'tenant.list',
  summary: 'List the tenants',
  needsServer: false,
  input: z.strictObject({}),
  output: z.strictObject({ tenants: z.array(TenantView) }),
  async run(deps) {
    const tenants = await deps.store.tenants.list(deps.actor(PLATFORM_TENANT));
    return { tenants: tenants.map(({ id, createdAtMs }) => ({ id, createdAt: createdAtMs })) };
  },
});

/** A mistyped tenant is named as one: else its rows would fail on a constraint. @throws ProblemError `not-found` */
export async function assertTenant(deps: OperatorDeps, tenantId: string): Promise<void> {
  const tenants = await deps.store.tenants.list(deps.actor(PLATFORM_TENANT));
  if (tenants.some(({ id }) => id === tenantId)) return;
  const known = tenants.map(({ id }) => id).join(', ');
  throw new ProblemError('not-found', { detail: `There is no tenant ${tenantId}. Tenants: ${known}.` });
}
