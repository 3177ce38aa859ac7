import { z } from 'zod';
import { Millis, NextCursor, PageQuery } from './common.ts';
import { defineOperation } from './route.ts';

export const AuditEntryView = z
  .strictObject({
    seq: z.int(),
    at: Millis,
    action: z.string(),
    subject: z.string(),
    actor: z.string(),
    tenant: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'AuditEntry' });

export const listAudit = defineOperation({
  operationId: 'listAudit',
  method: 'GET',
  path: '/control/v1/audit',
  summary: 'The audit log of this tenant, newest first',
  access: { permission: 'audit:read' },
  query: PageQuery,
  reply: {
    status: 200,
    schema: z.strictObject({ entries: z.array(AuditEntryView), nextCursor: NextCursor }).meta({ id: 'AuditLog' }),
  },
});
