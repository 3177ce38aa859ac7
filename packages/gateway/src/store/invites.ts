import { type Actor, isPlatform } from './actor.ts';
import { type Change, change, record, type Trace, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import type { Digest } from './crypto-port.ts';
import { type Page, type PageRequest, parseTimeCursor, timeCursor, toPage } from './page.ts';
import { redeemInvite, type Redemption } from './redeem.ts';
import type { InviteTable } from './schema.ts';
import type { StartedSession } from './session-lifecycle.ts';
import { EVERY_TENANT } from './reach.ts';

/** An invite without its code: that exists only where it was issued. */
export interface Invite {
  readonly id: string;
  readonly tenantId: string;
  /** A log-in link takes the role of the membership and is good for one existing user. */
  readonly kind: 'invite' | 'login-link';
  readonly role: string | undefined;
  readonly prefix: string;
  /** The existing user it is made for; undefined: each use creates a user. */
  readonly userId: string | undefined;
  readonly usesLeft: number;
  readonly usesMax: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | undefined;
}

/** What a new invite needs. Digests are keyed (T17); the codes never come here. */
export interface NewInvite {
  readonly role: string;
  readonly prefix: string;
  readonly userId?: string | undefined;
  readonly uses: number;
  readonly expiresAtMs: number;
  /** Undefined for an invite that exists only as a link. */
  readonly codeDigest?: Digest | undefined;
  readonly linkDigest: Digest;
}

/** What a one-time log-in link needs. */
export interface NewLoginLink {
  readonly userId: string;
  readonly linkDigest: Digest;
  readonly expiresAtMs: number;
}

/** Invites and log-in links. */
export interface Invites {
  /** Undefined when it is made for a user who is unknown or disabled in the actor's tenant (for the platform: anywhere). */
  create(invite: NewInvite, by: Change): Promise<Invite | undefined>;
  /** Undefined when the user is no live member of the actor's tenant. */
  createLoginLink(link: NewLoginLink, by: Change): Promise<Invite | undefined>;
  /** @see redeemInvite */
  redeem(redemption: Redemption): Promise<StartedSession | undefined>;
  /** Invites of the actor's tenant, newest first; log-in links are not among them. */
  list(actor: Actor, page: PageRequest): Promise<Page<Invite>>;
  /** False when there is no such open invite in the actor's tenant. */
  revoke(inviteId: string, by: Change): Promise<boolean>;
}

/** How an invite stands at a moment. */
export function inviteState(invite: Invite, nowMs: number): 'open' | 'used' | 'expired' | 'revoked' {
  if (invite.revokedAtMs !== undefined) return 'revoked';
  if (invite.usesLeft === 0) return 'used';
  return invite.expiresAtMs <= nowMs ? 'expired' : 'open';
}

/** Invites in the store. */
export function invites(ctx: StoreContext): Invites {
  return {
    create: (invite, by) =>
      change(ctx, by.actor, (writing) => insert(writing, { ...invite, kind: 'invite', usesMax: invite.uses }, by)),
    createLoginLink: (link, by) =>
      change(ctx, by.actor, (writing) => insert(writing, { ...link, kind: 'login-link', prefix: '', usesMax: 1 }, by)),
    redeem: (redemption) => change(ctx, EVERY_TENANT, (writing) => redeemInvite(writing, redemption)),
    list: (actor, page) => list(ctx, actor, page),
    revoke: (inviteId, by) => change(ctx, by.actor, (writing) => revoke(writing, inviteId, by)),
  };
}

interface InviteDraft {
  readonly kind: Invite['kind'];
  readonly role?: string;
  readonly prefix: string;
  readonly userId?: string | undefined;
  readonly usesMax: number;
  readonly expiresAtMs: number;
  readonly codeDigest?: Digest | undefined;
  readonly linkDigest: Digest;
}

async function insert(writing: Writing, draft: InviteDraft, by: Change): Promise<Invite | undefined> {
  if (draft.userId !== undefined && !(await mayBind(writing, draft, by))) return undefined;
  const { tx, ctx } = writing;
  const row: InviteTable = {
    tenantId: by.actor.tenantId,
    id: ctx.random.id(),
    kind: draft.kind,
    role: draft.role ?? null,
    prefix: draft.prefix,
    userId: draft.userId ?? null,
    issuedBy: 'system' in by.actor ? null : by.actor.userId,
    codeDigest: draft.codeDigest ?? null,
    linkDigest: draft.linkDigest,
    usesLeft: draft.usesMax,
    usesMax: draft.usesMax,
    createdAtMs: by.nowMs,
    expiresAtMs: draft.expiresAtMs,
    revokedAtMs: null,
  };
  await tx.db.insertInto('invite').values(row).execute();
  const { role, userId, usesMax, expiresAtMs } = row;
  const facts = { kind: row.kind, role, user: userId, uses: usesMax, expiresAtMs };
  await tell(writing, { id: row.id, action: 'invite.created', facts }, traceOf(by));
  return toInvite(row);
}

/** A tenant invites its own members only: binding a stranger would tell that the id exists. */
async function mayBind({ tx }: Writing, draft: InviteDraft, { actor }: Change): Promise<boolean> {
  const user = tx.db
    .selectFrom('user')
    .select('user.id')
    .where('user.id', '=', draft.userId ?? '')
    .where('user.disabledAtMs', 'is', null);
  if (draft.kind === 'invite' && isPlatform(actor)) return (await user.executeTakeFirst()) !== undefined;
  const member = await user
    .innerJoin('membership', 'membership.userId', 'user.id')
    .where('membership.tenantId', '=', actor.tenantId)
    .where('membership.disabledAtMs', 'is', null)
    .executeTakeFirst();
  return member !== undefined;
}

async function list({ database }: StoreContext, actor: Actor, { limit, cursor }: PageRequest): Promise<Page<Invite>> {
  const after = parseTimeCursor(cursor);
  let query = database
    .reader(actor)
    .selectFrom('invite')
    .selectAll()
    .where('tenantId', '=', actor.tenantId)
    .where('kind', '=', 'invite');
  if (after !== undefined) {
    query = query.where(({ or, and, eb }) =>
      or([eb('createdAtMs', '<', after.atMs), and([eb('createdAtMs', '=', after.atMs), eb('id', '<', after.id)])]),
    );
  }
  const rows = await query
    .orderBy('createdAtMs', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, { item: toInvite, cursor: (row) => timeCursor(row.createdAtMs, row.id) });
}

async function revoke(writing: Writing, inviteId: string, by: Change): Promise<boolean> {
  const revoked = await writing.tx.db
    .updateTable('invite')
    .set({ revokedAtMs: by.nowMs })
    .where('tenantId', '=', by.actor.tenantId)
    .where('id', '=', inviteId)
    .where('revokedAtMs', 'is', null)
    .where('usesLeft', '>', 0)
    .returning('id')
    .executeTakeFirst();
  if (revoked === undefined) return false;
  await tell(writing, { id: inviteId, action: 'invite.revoked' }, traceOf(by));
  return true;
}

async function tell(
  writing: Writing,
  what: { id: string; action: string; facts?: Readonly<Record<string, string | number | null>> },
  trace: Trace,
): Promise<void> {
  const { id: subject, ...rest } = what;
  await record(writing, trace, { ...rest, subject });
  const event = { kind: 'invite.changed', tenantId: trace.tenantId, subject, atMs: trace.nowMs } as const;
  await writing.ctx.events.append(writing.tx, event);
}

function toInvite(row: InviteTable): Invite {
  const { id, tenantId, kind, prefix, usesLeft, usesMax, createdAtMs, expiresAtMs } = row;
  return {
    id,
    tenantId,
    kind,
    prefix,
    usesLeft,
    usesMax,
    createdAtMs,
    expiresAtMs,
    role: row.role ?? undefined,
    userId: row.userId ?? undefined,
    revokedAtMs: row.revokedAtMs ?? undefined,
  };
}
