import type { TenantAccess } from '@steadygate/core';
import { type Change, change, record, type Trace, traceOf, type Writing } from './change.ts';
import { revokeKeys } from './api-key-lifecycle.ts';
import type { StoreContext } from './context.ts';
import { endSessions } from './session-lifecycle.ts';
import { EVERY_TENANT } from './reach.ts';

/** A user's role in one tenant. */
export interface Membership {
  readonly tenantId: string;
  readonly role: string;
}

/** Who belongs where. */
export interface Memberships {
  /** The caller's own live memberships. */
  own(access: TenantAccess): Promise<readonly Membership[]>;
  /** Gives a member of the actor's tenant another role; their sessions there end. False when there is no such member. */
  setRole(userId: string, role: string, by: Change): Promise<boolean>;
  /** Takes a member out of the actor's tenant; their sessions there end. */
  remove(userId: string, by: Change): Promise<boolean>;
}

/** Memberships in the store. */
export function memberships(ctx: StoreContext): Memberships {
  return {
    own: ({ userId }) => liveMemberships(ctx.database.reader(EVERY_TENANT), userId),
    setRole: (userId, role, by) => change(ctx, by.actor, (writing) => setRole(writing, { userId, role }, by)),
    remove: (userId, by) => change(ctx, by.actor, (writing) => remove(writing, userId, by)),
  };
}

type Db = Writing['tx']['db'];

/** A user's memberships that are not disabled; none for a disabled user. */
async function liveMemberships(db: Db, userId: string): Promise<readonly Membership[]> {
  return db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .select(['membership.tenantId', 'membership.role'])
    .where('membership.userId', '=', userId)
    .where('membership.disabledAtMs', 'is', null)
    .where('user.disabledAtMs', 'is', null)
    .orderBy('membership.tenantId')
    .execute();
}

/** One of a user's live memberships. */
export async function liveMembership(
  db: Db,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
): Promise<Membership | undefined> {
  const all = await liveMemberships(db, userId);
  return all.find((membership) => membership.tenantId === tenantId);
}

/** Makes a user a member with a role; a member whose role changes loses the sessions of the old one. A disabled one stays so. */
export async function grantMembership(
  writing: Writing,
  grant: { readonly tenantId: string; readonly userId: string; readonly role: string },
  trace: Trace,
): Promise<void> {
  const { tenantId, userId, role } = grant;
  const { db } = writing.tx;
  const before = await db
    .selectFrom('membership')
    .select('role')
    .where('tenantId', '=', tenantId)
    .where('userId', '=', userId)
    .executeTakeFirst();
  if (before?.role === role) return;
  await db
    .insertInto('membership')
    .values({ ...grant, createdAtMs: trace.nowMs, disabledAtMs: null })
    .onConflict((conflict) => conflict.columns(['tenantId', 'userId']).doUpdateSet({ role }))
    .execute();
  await tellChanged(writing, { ...grant, action: 'membership.granted' }, trace);
}

async function setRole(writing: Writing, to: { userId: string; role: string }, by: Change): Promise<boolean> {
  const { tenantId } = by.actor;
  const changed = await writing.tx.db
    .updateTable('membership')
    .set({ role: to.role })
    .where('tenantId', '=', tenantId)
    .where('userId', '=', to.userId)
    .returning('userId')
    .executeTakeFirst();
  if (changed === undefined) return false;
  await tellChanged(writing, { ...to, tenantId, action: 'membership.changed' }, traceOf(by));
  return true;
}

async function remove(writing: Writing, userId: string, by: Change): Promise<boolean> {
  const { tenantId } = by.actor;
  const removed = await writing.tx.db
    .deleteFrom('membership')
    .where('tenantId', '=', tenantId)
    .where('userId', '=', userId)
    .returning('role')
    .executeTakeFirst();
  if (removed === undefined) return false;
  await tellChanged(writing, { tenantId, userId, role: removed.role, action: 'membership.removed' }, traceOf(by));
  return true;
}

async function tellChanged(
  writing: Writing,
  what: { tenantId: string; userId: string; role: string; action: string },
  trace: Trace,
): Promise<void> {
  const { tenantId, userId: subject, role, action } = what;
  const inTenant = { ...trace, tenantId };
  await record(writing, inTenant, { action, subject, facts: { role } });
  await endSessions(writing, { tenantId, userId: subject }, { reason: 'membership-changed', trace: inTenant });
  if (action !== 'membership.granted') {
    await revokeKeys(writing, { tenantId, userId: subject }, { reason: 'user-disabled', trace: inTenant });
  }
  await writing.ctx.events.append(writing.tx, { kind: 'membership.changed', tenantId, subject, atMs: trace.nowMs });
}
