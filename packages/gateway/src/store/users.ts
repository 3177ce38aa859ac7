import { revokeKeys } from './api-key-lifecycle.ts';
import { type Actor, assertPlatform, isPlatform } from './actor.ts';
import { type Change, change, record, type Trace, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import { grantMembership } from './memberships.ts';
import { type Page, type PageRequest, parseTimeCursor, timeCursor, toPage } from './page.ts';
import { endSessions } from './session-lifecycle.ts';
import { EVERY_TENANT, type Reach } from './reach.ts';

/** A user as a tenant sees them. */
export interface User {
  /** Random, never reused (T10). */
  readonly id: string;
  /** Undefined when none was given, or erased. */
  readonly name: string | undefined;
  readonly role: string;
  readonly createdAtMs: number;
  readonly disabledAtMs: number | undefined;
}

/** People and their names, which are sealed under a key of their own (T22). */
export interface Users {
  /** Creates a user with a membership in the actor's tenant. */
  create(user: { readonly name?: string | undefined; readonly role: string }, by: Change): Promise<User>;
  /** A member of the actor's tenant. */
  get(actor: Actor, userId: string): Promise<User | undefined>;
  /** Members of the actor's tenant, newest first. */
  list(actor: Actor, page: PageRequest): Promise<Page<User>>;
  /**
   * Ends a user's sessions and invites and lets nobody start new ones: everywhere when the platform does it, else in the actor's
   * tenant. False when there is no such user, or nothing to do.
   */
  disable(userId: string, by: Change): Promise<boolean>;
  /** Destroys a user's key: what was sealed for them is noise from then on. Platform only. */
  erase(userId: string, by: Change): Promise<boolean>;
}

/** Users in the store. */
export function users(ctx: StoreContext): Users {
  const toUser = (row: MemberRow): User => openUser(ctx, row);
  return {
    create: (user, by) => change(ctx, by.actor, (writing) => create(writing, user, by)),
    async get(actor, userId) {
      const mine = memberQuery(ctx, actor).where('membership.tenantId', '=', actor.tenantId);
      const row = await mine.where('user.id', '=', userId).executeTakeFirst();
      return row === undefined ? undefined : toUser(row);
    },
    async list(actor, { limit, cursor }) {
      const after = parseTimeCursor(cursor);
      let query = memberQuery(ctx, actor).where('membership.tenantId', '=', actor.tenantId);
      if (after !== undefined) {
        query = query.where(({ or, and, eb }) =>
          or([
            eb('user.createdAtMs', '<', after.atMs),
            and([eb('user.createdAtMs', '=', after.atMs), eb('user.id', '<', after.id)]),
          ]),
        );
      }
      const rows = await query
        .orderBy('user.createdAtMs', 'desc')
        .orderBy('user.id', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, { item: toUser, cursor: (row) => timeCursor(row.createdAtMs, row.id) });
    },
    disable: (userId, by) =>
      change(ctx, isPlatform(by.actor) ? EVERY_TENANT : by.actor, (writing) => disable(writing, userId, by)),
    async erase(userId, by) {
      assertPlatform(by.actor);
      const erased = await change(ctx, EVERY_TENANT, (writing) => erase(writing, userId, by));
      if (erased) await ctx.database.scrub();
      return erased;
    },
  };
}

/** Inserts a user and their key, without a membership; returns the id. */
export async function insertUser(writing: Writing, name: string | undefined, trace: Trace): Promise<string> {
  const { tx, ctx } = writing;
  const id = ctx.random.id();
  const wrapped = ctx.vault.newSubjectKey(id);
  const sealedName = name === undefined ? null : ctx.vault.sealFor({ id, wrapped }, name, namePlace(id));
  const row = { id, sealedName, createdAtMs: trace.nowMs, disabledAtMs: null, erasedAtMs: null };
  await tx.db.insertInto('user').values(row).execute();
  await tx.db.insertInto('subjectKey').values({ subjectId: id, wrapped }).execute();
  await record(writing, trace, { action: 'user.created', subject: id });
  return id;
}

async function create(writing: Writing, user: { name?: string | undefined; role: string }, by: Change): Promise<User> {
  const trace = traceOf(by);
  const id = await insertUser(writing, user.name, trace);
  await grantMembership(writing, { tenantId: by.actor.tenantId, userId: id, role: user.role }, trace);
  return { id, name: user.name, role: user.role, createdAtMs: by.nowMs, disabledAtMs: undefined };
}

async function disable(writing: Writing, userId: string, by: Change): Promise<boolean> {
  const { db } = writing.tx;
  const isEverywhere = isPlatform(by.actor);
  const { tenantId } = by.actor;
  const at = { disabledAtMs: by.nowMs };
  const changed = isEverywhere
    ? await db
        .updateTable('user')
        .set(at)
        .where('id', '=', userId)
        .where('disabledAtMs', 'is', null)
        .returning('id')
        .execute()
    : await db
        .updateTable('membership')
        .set(at)
        .where('tenantId', '=', tenantId)
        .where('userId', '=', userId)
        .where('disabledAtMs', 'is', null)
        .returning('userId')
        .execute();
  if (changed.length === 0) return false;
  const where = isEverywhere ? { userId } : { userId, tenantId };
  const trace = traceOf(by);
  await record(writing, trace, { action: 'user.disabled', subject: userId, facts: { everywhere: isEverywhere } });
  await endSessions(writing, where, { reason: 'user-disabled', trace });
  await revokeKeys(writing, where, { reason: 'user-disabled', trace });
  await withdrawInvites(writing, where, by.nowMs);
  await writing.ctx.events.append(writing.tx, { kind: 'user.disabled', tenantId, subject: userId, atMs: by.nowMs });
  return true;
}

/** Invites and log-in links that were made for the user, and invites by which the user would let themselves in again. */
async function withdrawInvites(
  { tx }: Writing,
  of: { userId: string; tenantId?: string },
  nowMs: number,
): Promise<void> {
  const open = tx.db
    .updateTable('invite')
    .set({ revokedAtMs: nowMs })
    .where(({ or, eb }) => or([eb('userId', '=', of.userId), eb('issuedBy', '=', of.userId)]))
    .where('revokedAtMs', 'is', null);
  await (of.tenantId === undefined ? open : open.where('tenantId', '=', of.tenantId)).execute();
}

async function erase(writing: Writing, userId: string, by: Change): Promise<boolean> {
  const { db } = writing.tx;
  const erased = await db
    .updateTable('user')
    .set((row) => ({
      sealedName: null,
      erasedAtMs: by.nowMs,
      disabledAtMs: row.fn.coalesce('disabledAtMs', row.val(by.nowMs)),
    }))
    .where('id', '=', userId)
    .where('erasedAtMs', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (erased === undefined) return false;
  const trace = traceOf(by);
  await db.deleteFrom('subjectKey').where('subjectId', '=', userId).execute();
  await record(writing, trace, { action: 'user.erased', subject: userId });
  await endSessions(writing, { userId }, { reason: 'user-erased', trace });
  await revokeKeys(writing, { userId }, { reason: 'user-disabled', trace });
  await withdrawInvites(writing, { userId }, by.nowMs);
  const { tenantId } = by.actor;
  await writing.ctx.events.append(writing.tx, { kind: 'user.disabled', tenantId, subject: userId, atMs: by.nowMs });
  return true;
}

interface MemberRow {
  id: string;
  sealedName: Uint8Array | null;
  wrapped: Uint8Array | null;
  createdAtMs: number;
  disabledAtMs: number | null;
  role: string;
  membershipDisabledAtMs: number | null;
}

function memberQuery({ database }: StoreContext, reach: Reach) {
  return database
    .reader(reach)
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .leftJoin('subjectKey', 'subjectKey.subjectId', 'user.id')
    .select(['user.id', 'user.sealedName', 'user.createdAtMs', 'user.disabledAtMs'])
    .select(['subjectKey.wrapped', 'membership.role', 'membership.disabledAtMs as membershipDisabledAtMs']);
}

/** The name of a user; undefined when none was given, or erased. */
export function openName(
  vault: StoreContext['vault'],
  { id, sealedName, wrapped }: Pick<MemberRow, 'id' | 'sealedName' | 'wrapped'>,
): string | undefined {
  if (sealedName === null || wrapped === null) return undefined;
  return vault.openFor({ id, wrapped }, sealedName, namePlace(id));
}

function openUser({ vault }: StoreContext, row: MemberRow): User {
  const { id, role, createdAtMs } = row;
  const name = openName(vault, row);
  return { id, name, role, createdAtMs, disabledAtMs: row.disabledAtMs ?? row.membershipDisabledAtMs ?? undefined };
}

function namePlace(rowId: string) {
  return { table: 'user', column: 'sealedName', rowId };
}
