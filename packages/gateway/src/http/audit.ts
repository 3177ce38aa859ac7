import { listAudit } from '@steadygate/contract';
import type { FastifyInstance } from 'fastify';
import type { Audit } from '../store/audit.ts';
import { mount } from './mount.ts';

/** The audit log of a tenant. */
export function auditRoutes(app: FastifyInstance, audit: Pick<Audit, 'list'>): void {
  mount(app, listAudit, async ({ access, query }) => {
    const page = await audit.list(access, query);
    const entries = page.items.map(({ seq, atMs, action, subject, actor, tenantId, facts }) => {
      return { seq, at: atMs, action, subject, actor, tenant: tenantId, facts };
    });
    return { entries, nextCursor: page.nextCursor };
  });
}
