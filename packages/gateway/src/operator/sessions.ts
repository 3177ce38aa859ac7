import { SessionSummary } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { defineCommand } from './command.ts';
import { AnId, byOperator, lifeOf, NextCursor, PAGE, Tenant } from './fields.ts';
import { loginLink } from './links.ts';
import type { OperatorDeps } from './deps.ts';
import { ENDED, ended } from './ended.ts';
import { assertTenant } from './tenants.ts';

const SessionView = SessionSummary.omit({ current: true });

/** Makes a one-time log-in link for an existing user: their way in while people have no factors of their own. */
export const createSession = defineCommand({
  name: 'session.create',
  summary: 'Make a one-time log-in link for a user',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, userId: AnId, lifeMs: lifeOf(1).default(3_600_000) }),
  output: z.strictObject({ link: z.string(), expiresAt: z.int() }),
  async run(deps, { tenant, userId, lifeMs }) {
    await assertTenant(deps, tenant);
    const by = byOperator(deps, tenant);
    const expiresAt = by.nowMs + lifeMs;
    const secret = await deps.desk.issueLoginLink(userId, expiresAt, by);
    return { link: loginLink(deps.settings().publicUrl, secret), expiresAt };
  },
});

/** Lists a tenant's live sessions. */
export const listSessions = defineCommand({
  name: 'session.list',
  summary: 'List live sessions',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, userId: AnId.optional(), ...PAGE }),
  output: z.strictObject({ sessions: z.array(SessionView), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const asked = { ...page, nowMs: deps.clock.nowMs() };
    const { items, nextCursor } = await deps.store.sessions.list(deps.actor(tenant), asked);
    const sessions = items.map(({ id, userId, role, createdAtMs, lastSeenAtMs, expiresAtMs }) => {
      return { id, userId, role, createdAt: createdAtMs, lastSeenAt: lastSeenAtMs, expiresAt: expiresAtMs };
    });
    return { sessions, nextCursor };
  },
});

/** Ends one session, or all of a user in a tenant: sockets and streams included (AU8). */
export const revokeSessions = defineCommand({
  name: 'session.revoke',
  summary: 'End a session, or all sessions of a user',
  needsServer: false,
  input: z
    .strictObject({ tenant: Tenant, id: AnId.optional(), userId: AnId.optional() })
    .refine(({ id, userId }) => (id === undefined) !== (userId === undefined), 'name a session or a user, not both'),
  output: z.strictObject({ ended: z.int(), ...ENDED }),
  async run(deps, { tenant, id, userId }) {
    await assertTenant(deps, tenant);
    const by = byOperator(deps, tenant);
    if (userId !== undefined) return revoked(deps, await deps.store.sessions.endAllOfUser(userId, by));
    if (id !== undefined && (await deps.store.sessions.end(id, by, 'revoked'))) return revoked(deps, 1);
    throw new ProblemError('not-found', { detail: 'There is no such live session in this tenant.' });
  },
});

async function revoked(deps: OperatorDeps, count: number) {
  return { ended: count, ...(await ended(deps)) };
}
