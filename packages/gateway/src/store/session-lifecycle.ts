import type { SessionAudience } from '@steadygate/core';
import type { Selectable } from 'kysely';
import { record, type Trace, type Writing } from './change.ts';
import type { SessionTable } from './schema.ts';

/** Why a session ended. */
export type EndReason =
  | 'logout'
  | 'revoked'
  | 'expired'
  | 'switched'
  | 'refresh-reused'
  | 'user-disabled'
  | 'user-erased'
  | 'membership-changed';

/** A session of a user in one tenant. */
export interface Session {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly role: string;
  /** The listener that it is good for (T1). */
  readonly audience: SessionAudience;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  /** The absolute end. */
  readonly expiresAtMs: number;
  /** Undefined while it lives. */
  readonly endedAtMs: number | undefined;
}

/** A session that just began, with the one copy of its refresh token. */
export interface StartedSession {
  readonly session: Session;
  readonly refreshToken: string;
}

/** Begins a session with its first refresh token. */
export async function startSession(
  writing: Writing,
  of: Pick<Session, 'tenantId' | 'userId' | 'role' | 'audience' | 'expiresAtMs'>,
  trace: Trace,
): Promise<StartedSession> {
  const { tx, ctx } = writing;
  const { nowMs } = trace;
  const row = { ...of, id: ctx.random.id(), createdAtMs: nowMs, lastSeenAtMs: nowMs, endedAtMs: null, endReason: null };
  const { token, digest } = ctx.refresh.issue();
  await tx.db.insertInto('session').values(row).execute();
  await tx.db
    .insertInto('refreshToken')
    .values(currentToken(row, digest, nowMs))
    .execute();
  const facts = { user: of.userId, role: of.role, audience: of.audience, expiresAtMs: of.expiresAtMs };
  await record(writing, { ...trace, tenantId: of.tenantId }, { action: 'session.started', subject: row.id, facts });
  return { session: toSession(row), refreshToken: token };
}

/** The row of a family's current token. */
export function currentToken(session: { id: string; tenantId: string }, digest: string, nowMs: number) {
  const { id: sessionId, tenantId } = session;
  return {
    digest,
    tenantId,
    sessionId,
    createdAtMs: nowMs,
    rotatedAtMs: null,
    successorDigest: null,
    successorSealed: null,
  };
}

/** Which sessions end: all that match everything named. */
export interface SessionFilter {
  readonly id?: string | undefined;
  readonly userId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** Ends live sessions at once, with their refresh tokens; each gets its entry and its event. Returns how many. */
export async function endSessions(
  writing: Writing,
  which: SessionFilter,
  why: { readonly reason: EndReason; readonly trace: Trace },
): Promise<number> {
  const { nowMs } = why.trace;
  let update = writing.tx.db
    .updateTable('session')
    .set({ endedAtMs: nowMs, endReason: why.reason })
    .where('endedAtMs', 'is', null);
  for (const column of ['id', 'userId', 'tenantId'] as const) {
    const value = which[column];
    if (value !== undefined) update = update.where(column, '=', value);
  }
  const ended = await update.returning(['id', 'tenantId', 'userId']).execute();
  for (const session of ended) await tellEnded(writing, session, why);
  return ended.length;
}

/**
 * Ends one session that was marked as ended: its entry and event come, its successors open no more.
 *
 * Its tokens' digests stay until it is forgotten: a browser that still sends one guesses nothing, and must not spend the
 * attempts of its address.
 */
async function tellEnded(
  writing: Writing,
  { id, tenantId, userId }: { id: string; tenantId: string; userId: string },
  { reason, trace }: { readonly reason: EndReason; readonly trace: Trace },
): Promise<void> {
  const { tx, ctx } = writing;
  await tx.db.updateTable('refreshToken').set({ successorSealed: null }).where('sessionId', '=', id).execute();
  await record(
    writing,
    { ...trace, tenantId },
    { action: 'session.ended', subject: id, facts: { user: userId, reason } },
  );
  await ctx.events.append(tx, { kind: 'session.ended', tenantId, subject: id, atMs: trace.nowMs });
}

/** A session row as the program sees it. */
export function toSession(row: Selectable<SessionTable>): Session {
  const { id, tenantId, userId, role, createdAtMs, lastSeenAtMs, expiresAtMs } = row;
  const audience = toAudience(row.audience);
  const endedAtMs = row.endedAtMs ?? undefined;
  return { id, tenantId, userId, role, audience, createdAtMs, lastSeenAtMs, expiresAtMs, endedAtMs };
}

function toAudience(text: string): SessionAudience {
  if (text === 'session' || text === 'control') return text;
  throw new Error('a session is for a listener that this program does not know');
}

/** Whether a session may still be used: neither ended, nor past its absolute end, nor idle for too long (SB2). */
export function isLive(session: Session, at: { readonly nowMs: number; readonly idleMs: number }): boolean {
  if (session.endedAtMs !== undefined) return false;
  return at.nowMs < session.expiresAtMs && at.nowMs - session.lastSeenAtMs < at.idleMs;
}
