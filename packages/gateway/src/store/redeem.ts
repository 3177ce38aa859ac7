import type { SessionAudience } from '@steadygate/core';
import type { Selectable } from 'kysely';
import { DEFAULT_TENANT, SYSTEM_TENANT } from './actor.ts';
import { record, type Trace, type Writing } from './change.ts';
import type { Digest } from './crypto-port.ts';
import { grantMembership, liveMembership } from './memberships.ts';
import type { InviteTable } from './schema.ts';
import { type StartedSession, startSession } from './session-lifecycle.ts';
import { insertUser } from './users.ts';

/** A presented code or link. */
export interface Redemption {
  readonly digest: Digest;
  /** What the secret's form says: a log-in link opens no invite, and an invite no log-in link. */
  readonly kind: 'invite' | 'login-link';
  /** How a new user is called. Selects nobody, and renames nobody. */
  readonly name?: string | undefined;
  /** The absolute end of the session. */
  readonly sessionEndsAtMs: number;
  /** The listener that the session is for (T1). Absent: `session`. */
  readonly audience?: SessionAudience | undefined;
  readonly nowMs: number;
  readonly requestId?: string | undefined;
}

/**
 * Burns one use of an invite and starts the session, all in one transaction.
 *
 * One statement decides: of any number of concurrent redeemers at most `usesLeft` get through. Undefined for everything else, whatever
 * was wrong.
 */
export async function redeemInvite(writing: Writing, by: Redemption): Promise<StartedSession | undefined> {
  const invite = await burn(writing, by);
  if (invite === undefined) return undefined;
  const { nowMs, requestId } = by;
  const asGate: Trace = { actor: 'system:gate', tenantId: invite.tenantId, nowMs, requestId };
  const userId = invite.userId ?? (await insertUser(writing, by.name, asGate));
  const trace: Trace = { ...asGate, actor: `user:${userId}` };
  await record(writing, trace, {
    action: 'invite.redeemed',
    subject: invite.id,
    facts: { user: userId, usesLeft: invite.usesLeft },
  });
  await grantRoles(writing, { invite, userId }, trace);
  await writing.ctx.events.append(writing.tx, {
    kind: 'invite.changed',
    tenantId: invite.tenantId,
    subject: invite.id,
    atMs: nowMs,
  });
  const tenantId = sessionTenant(invite);
  const membership = await liveMembership(writing.tx.db, { tenantId, userId });
  // Disabled since: the use is burned, nobody gets in.
  if (membership === undefined) return undefined;
  const { audience = 'session', sessionEndsAtMs: expiresAtMs } = by;
  return startSession(writing, { tenantId, userId, role: membership.role, audience, expiresAtMs }, trace);
}

type InviteRow = Selectable<InviteTable>;

async function burn({ tx }: Writing, { digest, kind, nowMs }: Redemption): Promise<InviteRow | undefined> {
  return tx.db
    .updateTable('invite')
    .set((row) => ({ usesLeft: row('usesLeft', '-', 1) }))
    .where(({ or, eb }) => or([eb('codeDigest', '=', digest), eb('linkDigest', '=', digest)]))
    .where('kind', '=', kind)
    .where('usesLeft', '>', 0)
    .where('expiresAtMs', '>', nowMs)
    .where('revokedAtMs', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

async function grantRoles(
  writing: Writing,
  { invite, userId }: { invite: InviteRow; userId: string },
  trace: Trace,
): Promise<void> {
  const { role, tenantId } = invite;
  if (role === null) return;
  await grantMembership(writing, { tenantId, userId, role }, trace);
  const startsIn = sessionTenant(invite);
  if (startsIn !== tenantId) await grantMembership(writing, { tenantId: startsIn, userId, role }, trace);
}

/** An invite of the platform also makes a member of `default`, and its session starts there. */
function sessionTenant({ kind, tenantId }: InviteRow): string {
  return kind === 'invite' && tenantId === SYSTEM_TENANT ? DEFAULT_TENANT : tenantId;
}
