import type { SessionAudience } from '@steadygate/core';
import { change, record, type Trace, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import type { Digest } from './crypto-port.ts';
import type { LastSeen } from './last-seen.ts';
import { currentToken, endSessions, isLive, type Session, toSession } from './session-lifecycle.ts';
import { EVERY_TENANT } from './reach.ts';

/** The longest time for which a superseded token still gives its successor (T19). */
const REFRESH_GRACE_MS_MAX = 10_000;

/** What became of a presented refresh token. */
export type Rotation =
  /** `repeated`: the same successor again, within the grace. */
  | { readonly kind: 'rotated' | 'repeated'; readonly session: Session; readonly refreshToken: string }
  /** A superseded token came back: whoever holds the family, one of them stole it. The family is ended. */
  | { readonly kind: 'reused'; readonly session: Session }
  /** Unknown, or of a session that ended. */
  | { readonly kind: 'refused' };

/** The moment and the rules under which a token is presented. */
export interface Presented {
  readonly nowMs: number;
  readonly idleMs: number;
  readonly graceMs: number;
  /** The listener at which it is presented (T1). Absent: `session`. */
  readonly audience?: SessionAudience | undefined;
  readonly requestId?: string | undefined;
}

/** What refreshing stands on. */
export interface RefreshDeps {
  readonly ctx: StoreContext;
  readonly seen: LastSeen;
}

/** What became of a refresh token that was to renew silently. */
export type Renewal =
  | { readonly kind: 'held'; readonly session: Session }
  /** A spent token came back after every grace: its family is ended. */
  | { readonly kind: 'reused'; readonly session: Session }
  | { readonly kind: 'refused' };

const REFUSED = { kind: 'refused' } as const;

/**
 * Rotates a refresh token (T19).
 *
 * One statement decides who of any number of concurrent presenters makes the successor; the others get the same one. Presenting a
 * successor ends its predecessor's grace. A revoked session gives nothing, whatever the grace. At another listener than its own a token
 * is refused and stays as it is: neither is it used up there, nor does its family end (T1).
 */
export async function rotateRefresh({ ctx, seen }: RefreshDeps, token: string, at: Presented): Promise<Rotation> {
  const digest = ctx.refresh.digest(token);
  if (digest === undefined) return REFUSED;
  return change(ctx, EVERY_TENANT, async (writing) => {
    const known = await findToken(writing.tx.db, digest, seen);
    if (known === undefined || !isFor(known.session, at) || !isLive(known.session, at)) return REFUSED;
    const next = ctx.refresh.issue();
    const won = await supersede(writing, { digest, token, next, nowMs: at.nowMs });
    const found = await findToken(writing.tx.db, digest, seen);
    if (found === undefined || !isLive(found.session, at)) return REFUSED;
    const { session } = found;
    const trace = traceFor(found, at);
    if (!won) return repeat(writing, { found, token, at, trace });
    await continueFamily(writing, { session, digest, nextDigest: next.digest, trace });
    return { kind: 'rotated', session, refreshToken: next.token };
  });
}

/** The session behind a current token, or one in its grace. Uses nothing up: only presenting it at `/auth/refresh` does. */
export async function resolveRefresh(
  { ctx, seen }: RefreshDeps,
  token: string,
  at: Presented,
): Promise<Session | undefined> {
  const digest = ctx.refresh.digest(token);
  const found = digest === undefined ? undefined : await findToken(ctx.database.reader(EVERY_TENANT), digest, seen);
  if (found === undefined || !isFor(found.session, at) || !isLive(found.session, at)) return undefined;
  return found.rotatedAtMs === null || isInGrace(found, at) ? found.session : undefined;
}

/** Whether a token is one that was given out, spent or of an ended session though it be: nobody guessed it. */
export async function wasIssued({ ctx, seen }: RefreshDeps, token: string): Promise<boolean> {
  const digest = ctx.refresh.digest(token);
  return digest !== undefined && (await findToken(ctx.database.reader(EVERY_TENANT), digest, seen)) !== undefined;
}

function isFor(session: Session, { audience = 'session' }: Presented): boolean {
  return session.audience === audience;
}

/**
 * The session for a silent renewal (T19). Uses nothing up, but beyond every grace a spent token ends its family here too.
 *
 * A browser that only ever renews silently would else never show that somebody else had rotated its token away.
 */
export async function renewByRefresh(deps: RefreshDeps, token: string, at: Presented): Promise<Renewal> {
  const session = await resolveRefresh(deps, token, at);
  if (session !== undefined) return { kind: 'held', session };
  const digest = deps.ctx.refresh.digest(token);
  if (digest === undefined) return REFUSED;
  const { ctx, seen } = deps;
  if (!isLongSpent(await findToken(ctx.database.reader(EVERY_TENANT), digest, seen), at)) return REFUSED;
  return change(ctx, EVERY_TENANT, async (writing): Promise<Renewal> => {
    const found = await findToken(writing.tx.db, digest, seen);
    // Of requests that arrive together, one ends it.
    if (found === undefined || !isLongSpent(found, at)) return REFUSED;
    await endFamily(writing, found.session, traceFor(found, at));
    return { kind: 'reused', session: found.session };
  });
}

/** A presented successor ends the grace at once, but requests that left before it may still be under way. */
function isLongSpent(found: FoundToken | undefined, at: Presented): boolean {
  if (found === undefined || found.rotatedAtMs === null || !isLive(found.session, at)) return false;
  return Math.abs(at.nowMs - found.rotatedAtMs) > REFRESH_GRACE_MS_MAX;
}

async function endFamily(writing: Writing, { id, userId }: Session, trace: Trace): Promise<void> {
  await record(writing, trace, { action: 'session.refresh-reused', subject: id, facts: { user: userId } });
  await endSessions(writing, { id }, { reason: 'refresh-reused', trace });
}

function traceFor({ session: { userId, tenantId } }: FoundToken, { nowMs, requestId }: Presented): Trace {
  return { actor: `user:${userId}`, tenantId, nowMs, requestId };
}

async function supersede(
  { tx, ctx }: Writing,
  by: { digest: Digest; token: string; next: { token: string; digest: Digest }; nowMs: number },
): Promise<boolean> {
  const successorSealed = ctx.refresh.sealSuccessor(by.next.token, by.token);
  const won = await tx.db
    .updateTable('refreshToken')
    .set({ rotatedAtMs: by.nowMs, successorDigest: by.next.digest, successorSealed })
    .where('digest', '=', by.digest)
    .where('rotatedAtMs', 'is', null)
    .returning('digest')
    .executeTakeFirst();
  return won !== undefined;
}

async function continueFamily(
  writing: Writing,
  by: { session: Session; digest: Digest; nextDigest: Digest; trace: Trace },
): Promise<void> {
  const { db } = writing.tx;
  const { session, trace } = by;
  await db
    .insertInto('refreshToken')
    .values(currentToken(session, by.nextDigest, trace.nowMs))
    .execute();
  // This token was presented: the grace of the one before it is over.
  await db
    .updateTable('refreshToken')
    .set({ successorSealed: null })
    .where('successorDigest', '=', by.digest)
    .execute();
  await db.updateTable('session').set({ lastSeenAtMs: trace.nowMs }).where('id', '=', session.id).execute();
  await record(writing, trace, { action: 'session.refreshed', subject: session.id });
}

async function repeat(
  writing: Writing,
  by: { found: FoundToken; token: string; at: Presented; trace: Trace },
): Promise<Rotation> {
  const { found, trace } = by;
  const { session } = found;
  if (found.successorSealed !== null && isInGrace(found, by.at)) {
    const refreshToken = writing.ctx.refresh.openSuccessor(found.successorSealed, by.token);
    return { kind: 'repeated', session, refreshToken };
  }
  await endFamily(writing, session, trace);
  return { kind: 'reused', session };
}

interface FoundToken {
  readonly session: Session;
  readonly rotatedAtMs: number | null;
  readonly successorSealed: Uint8Array | null;
}

/**
 * Counted from the rotation, so that repeating it does not prolong it.
 *
 * A request that began before the rotation and is judged after it is the race that the grace is for; a clock that went back
 * further than the grace ends it.
 */
function isInGrace({ rotatedAtMs, successorSealed }: FoundToken, { nowMs, graceMs }: Presented): boolean {
  if (rotatedAtMs === null || successorSealed === null) return false;
  return Math.abs(nowMs - rotatedAtMs) <= Math.min(graceMs, REFRESH_GRACE_MS_MAX);
}

async function findToken(db: Writing['tx']['db'], digest: Digest, seen: LastSeen): Promise<FoundToken | undefined> {
  const row = await db
    .selectFrom('refreshToken')
    .innerJoin('session', 'session.id', 'refreshToken.sessionId')
    .selectAll('session')
    .select(['refreshToken.rotatedAtMs', 'refreshToken.successorSealed'])
    .where('refreshToken.digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const session = toSession({ ...row, lastSeenAtMs: seen.overlay(row.id, row.lastSeenAtMs) });
  return { session, rotatedAtMs: row.rotatedAtMs, successorSealed: row.successorSealed };
}
