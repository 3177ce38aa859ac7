import type { TenantAccess } from '@steadygate/core';
import { type Actor, actAsSystem, SYSTEM_TENANT } from './actor.ts';
import { type Change, change, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import { lastSeen, type LastSeen } from './last-seen.ts';
import { liveMembership } from './memberships.ts';
import { type Page, type PageRequest, parseTimeCursor, timeCursor, toPage } from './page.ts';
import {
  type Presented,
  type Renewal,
  renewByRefresh,
  resolveRefresh,
  type Rotation,
  rotateRefresh,
  wasIssued,
} from './refresh.ts';
import {
  type EndReason,
  endSessions,
  type Session,
  type StartedSession,
  startSession,
  toSession,
} from './session-lifecycle.ts';
import { EVERY_TENANT } from './reach.ts';

/** Sessions that one call of `expire` ends. */
const EXPIRE_MAX = 500;

/** Sessions and their refresh tokens. */
export interface Sessions {
  /** For the session id of a verified token only: it asks for no access. */
  byId(sessionId: string): Promise<Session | undefined>;
  /** Live sessions of the actor's tenant, newest first. */
  list(
    actor: Actor,
    page: PageRequest & { readonly nowMs: number; readonly userId?: string | undefined },
  ): Promise<Page<Session>>;
  /** Ends a session of the actor's tenant; false when there is no such live session. */
  end(sessionId: string, by: Change, reason: EndReason): Promise<boolean>;
  /** Ends one of the caller's own sessions, in whichever tenant. */
  endOwn(sessionId: string, by: Change & { readonly actor: TenantAccess }, reason: EndReason): Promise<boolean>;
  /** Ends all sessions of a user in the actor's tenant; returns how many. */
  endAllOfUser(userId: string, by: Change): Promise<number>;
  /**
   * Ends the caller's session and begins one in another tenant of the same user, with the same absolute end.
   * Undefined when the user is no member there or the session has ended.
   */
  switchTenant(tenantId: string, by: Change & { readonly actor: TenantAccess }): Promise<StartedSession | undefined>;
  /** Notes activity; written by `flushTouches`. */
  touch(sessionId: string, nowMs: number): void;
  flushTouches(): Promise<void>;
  /** Ends what is over or idle, and forgets what ended before `forgetBeforeMs`; returns how many ended, at most 500 a call. */
  expire(at: { readonly nowMs: number; readonly idleMs: number; readonly forgetBeforeMs: number }): Promise<number>;
  /** @see rotateRefresh */
  rotate(refreshToken: string, at: Presented): Promise<Rotation>;
  /** Whether a refresh token is of a session that is remembered, ended or not. @see wasIssued */
  wasIssued(refreshToken: string): Promise<boolean>;
  /** @see renewByRefresh */
  renew(refreshToken: string, at: Presented): Promise<Renewal>;
  /** @see resolveRefresh */
  resolve(refreshToken: string, at: Presented): Promise<Session | undefined>;
}

/** Sessions in the store. */
export function sessions(ctx: StoreContext): Sessions {
  const seen = lastSeen(ctx.database);
  const deps = { ctx, seen };
  const end = (
    which: { id?: string; userId?: string; tenantId?: string },
    by: Change,
    reason: EndReason,
  ): Promise<number> => {
    const reach = which.tenantId === undefined ? EVERY_TENANT : by.actor;
    return change(ctx, reach, (writing) => endSessions(writing, which, { reason, trace: traceOf(by) }));
  };
  return {
    byId: (sessionId) => findSession(deps, sessionId),
    list: (actor, page) => listSessions(deps, actor, page),
    end: async (id, by, reason) => (await end({ id, tenantId: by.actor.tenantId }, by, reason)) > 0,
    endOwn: async (id, by, reason) => (await end({ id, userId: by.actor.userId }, by, reason)) > 0,
    endAllOfUser: (userId, by) => end({ userId, tenantId: by.actor.tenantId }, by, 'revoked'),
    switchTenant: (tenantId, by) => change(ctx, EVERY_TENANT, (writing) => switchTo(writing, tenantId, by)),
    touch: seen.touch,
    flushTouches: seen.flush,
    async expire(at) {
      await seen.flush();
      return change(ctx, EVERY_TENANT, (writing) => expireSessions(writing, at));
    },
    rotate: (token, at) => rotateRefresh(deps, token, at),
    wasIssued: (token) => wasIssued(deps, token),
    renew: (token, at) => renewByRefresh(deps, token, at),
    resolve: (token, at) => resolveRefresh(deps, token, at),
  };
}

interface Deps {
  readonly ctx: StoreContext;
  readonly seen: LastSeen;
}

async function findSession({ ctx, seen }: Deps, id: string): Promise<Session | undefined> {
  const row = await ctx.database
    .reader(EVERY_TENANT)
    .selectFrom('session')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : toSession({ ...row, lastSeenAtMs: seen.overlay(id, row.lastSeenAtMs) });
}

async function listSessions(
  { ctx, seen }: Deps,
  actor: Actor,
  page: Parameters<Sessions['list']>[1],
): Promise<Page<Session>> {
  const after = parseTimeCursor(page.cursor);
  let query = ctx.database
    .reader(actor)
    .selectFrom('session')
    .selectAll()
    .where('tenantId', '=', actor.tenantId)
    .where('endedAtMs', 'is', null)
    .where('expiresAtMs', '>', page.nowMs);
  if (page.userId !== undefined) query = query.where('userId', '=', page.userId);
  if (after !== undefined) {
    query = query.where(({ or, and, eb }) =>
      or([eb('createdAtMs', '<', after.atMs), and([eb('createdAtMs', '=', after.atMs), eb('id', '<', after.id)])]),
    );
  }
  const rows = await query
    .orderBy('createdAtMs', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  return toPage(rows, page.limit, {
    item: (row) => toSession({ ...row, lastSeenAtMs: seen.overlay(row.id, row.lastSeenAtMs) }),
    cursor: (row) => timeCursor(row.createdAtMs, row.id),
  });
}

async function switchTo(
  writing: Writing,
  tenantId: string,
  by: Change & { readonly actor: TenantAccess },
): Promise<StartedSession | undefined> {
  const { userId, credentialId } = by.actor;
  const { db } = writing.tx;
  const present = await db.selectFrom('session').selectAll().where('id', '=', credentialId).executeTakeFirst();
  const membership = await liveMembership(db, { tenantId, userId });
  if (membership === undefined || present === undefined || present.expiresAtMs <= by.nowMs) return undefined;
  const trace = traceOf(by);
  const ended = await endSessions(writing, { id: credentialId, userId }, { reason: 'switched', trace });
  if (ended === 0) return undefined;
  // It stays what it was: a change of tenant leads to no other listener (T1).
  const { audience, expiresAtMs } = toSession(present);
  return startSession(writing, { tenantId, userId, role: membership.role, audience, expiresAtMs }, trace);
}

async function expireSessions(writing: Writing, at: Parameters<Sessions['expire']>[0]): Promise<number> {
  const { db } = writing.tx;
  const over = await db
    .selectFrom('session')
    .select(['id', 'tenantId'])
    .where('endedAtMs', 'is', null)
    .where(({ or, eb }) => or([eb('expiresAtMs', '<=', at.nowMs), eb('lastSeenAtMs', '<=', at.nowMs - at.idleMs)]))
    .limit(EXPIRE_MAX)
    .execute();
  const trace = traceOf({ actor: actAsSystem('gate', SYSTEM_TENANT), nowMs: at.nowMs });
  for (const { id } of over) await endSessions(writing, { id }, { reason: 'expired', trace });
  const forgotten = db.selectFrom('session').select('id').where('endedAtMs', '<', at.forgetBeforeMs);
  await db.deleteFrom('refreshToken').where('sessionId', 'in', forgotten).execute();
  await db.deleteFrom('session').where('endedAtMs', '<', at.forgetBeforeMs).execute();
  return over.length;
}
