import { AuditEntryView } from '@steadygate/contract';
import { z } from 'zod';
import { defineCommand } from './command.ts';
import { NextCursor, PAGE, Tenant } from './fields.ts';
import { assertTenant } from './tenants.ts';

/** Lists a tenant's audit log, newest first. */
export const listAudit = defineCommand({
  name: 'audit.list',
  summary: 'List the audit log, newest first',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, ...PAGE }),
  output: z.strictObject({ entries: z.array(AuditEntryView), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const { items, nextCursor } = await deps.store.audit.list(deps.actor(tenant), page);
    const entries = items.map(({ seq, atMs, action, subject, actor, tenantId, facts }) => {
      return { seq, at: atMs, action, subject, actor, tenant: tenantId, facts };
    });
    return { entries, nextCursor };
  },
});
