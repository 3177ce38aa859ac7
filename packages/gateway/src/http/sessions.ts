import { listOwnSessions, listSessions, revokeOwnSession, revokeSession } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { Session } from '../store/session-lifecycle.ts';
import type { Sessions } from '../store/sessions.ts';
import type { Unconfirmed } from '../feed/confirmations.ts';
import { by } from './by.ts';
import { ended } from './ended.ts';
import { mount } from './mount.ts';

/** Live sessions: one's own, and those of a tenant. */
export function sessionRoutes(app: FastifyInstance, sessions: Sessions, unconfirmed: Unconfirmed): void {
  mount(app, listOwnSessions, async ({ access, principal, query, own }) => {
    const page = await sessions.list(access, { ...query, userId: principal.userId, nowMs: own.nowMs });
    return {
      sessions: page.items.map((item) => toView(item, access.credentialId)),
      nextCursor: page.nextCursor ?? null,
    };
  });

  mount(app, revokeOwnSession, async ({ access, params, own }) => {
    if (!(await sessions.endOwn(params['id'] ?? '', by(access, own), 'revoked'))) throw new ProblemError('not-found');
    return undefined;
  });

  mount(app, listSessions, async ({ access, query, own }) => {
    const page = await sessions.list(access, { ...query, nowMs: own.nowMs });
    return {
      sessions: page.items.map((item) => toView(item, access.credentialId)),
      nextCursor: page.nextCursor ?? null,
    };
  });

  mount(app, revokeSession, async ({ access, params, own }) => {
    if (!(await sessions.end(params['id'] ?? '', by(access, own), 'revoked'))) throw new ProblemError('not-found');
    return ended(unconfirmed);
  });
}

function toView(session: Session, currentId: string) {
  return {
    id: session.id,
    userId: session.userId,
    role: session.role,
    createdAt: session.createdAtMs,
    lastSeenAt: session.lastSeenAtMs,
    expiresAt: session.expiresAtMs,
    current: session.id === currentId,
  };
}
