import type { ObjectName } from '@steadygate/core';
import { type Change, record, traceOf, type Writing } from './change.ts';
import { subjectOf, whereObject } from './ledger.ts';
import { liveMembership } from './memberships.ts';
import { nextNumber } from './sequence.ts';

/** An object of the actor's tenant, and who shall own it. */
export interface ObjectGrant {
  readonly upstream: string;
  readonly resource: string;
  readonly objectId: string;
  readonly ownerId: string;
  /** For the audit log. */
  readonly reason: string;
}

/** Gives an object without owner to a member; an owned object stays its owner's. */
export async function importObject(
  writing: Writing,
  grant: ObjectGrant,
  by: Change,
): Promise<'imported' | 'conflict' | 'owner-unknown'> {
  const object = objectOf(grant, by);
  if (!(await isMember(writing, grant, by))) return 'owner-unknown';
  const { db } = writing.tx;
  const { ownerId } = grant;
  const claim = { number: await nextNumber(writing.tx, 'object'), ownerId, claimedAtMs: by.nowMs, releasedAtMs: null };
  const imported = await db
    .insertInto('objectOwner')
    .values({ ...object, ...claim })
    .onConflict((conflict) =>
      conflict
        .columns(['tenantId', 'upstream', 'resource', 'objectId'])
        .doUpdateSet(claim)
        // Only over a tombstone (T5).
        .where('objectOwner.releasedAtMs', 'is not', null),
    )
    .returning('ownerId')
    .executeTakeFirst();
  if (imported === undefined) return 'conflict';
  await whereObject(db.deleteFrom('orphanObject'), object).execute();
  await tellGranted(writing, { action: 'object.imported', object, grant }, by);
  return 'imported';
}

/** Moves an owned object to another member. */
export async function transferObject(
  writing: Writing,
  grant: ObjectGrant,
  by: Change,
): Promise<'transferred' | 'not-owned' | 'owner-unknown'> {
  const object = objectOf(grant, by);
  if (!(await isMember(writing, grant, by))) return 'owner-unknown';
  const { tx } = writing;
  const owned = tx.db.updateTable('objectOwner').set({ ownerId: grant.ownerId }).where('releasedAtMs', 'is', null);
  const moved = await whereObject(owned, object).returning('ownerId').executeTakeFirst();
  if (moved === undefined) return 'not-owned';
  await tellGranted(writing, { action: 'object.transferred', object, grant }, by);
  return 'transferred';
}

async function isMember({ tx }: Writing, { ownerId }: ObjectGrant, { actor }: Change): Promise<boolean> {
  return (await liveMembership(tx.db, { tenantId: actor.tenantId, userId: ownerId })) !== undefined;
}

async function tellGranted(
  writing: Writing,
  { action, object, grant }: { action: string; object: ObjectName; grant: ObjectGrant },
  by: Change,
): Promise<void> {
  const subject = subjectOf(object);
  await record(writing, traceOf(by), { action, subject, facts: { owner: grant.ownerId, reason: grant.reason } });
  const event = { kind: 'owner.changed', tenantId: object.tenantId, subject, atMs: by.nowMs } as const;
  await writing.ctx.events.append(writing.tx, event);
}

function objectOf({ upstream, resource, objectId }: ObjectGrant, { actor }: Change): ObjectName {
  return { tenantId: actor.tenantId, upstream, resource, objectId };
}
