import type { ObjectName } from '@steadygate/core';
import { record, type Trace, type Writing } from './change.ts';
import { nextNumber } from './sequence.ts';

/** An object and who claims or releases it. */
export interface OwnerAction {
  readonly object: ObjectName;
  readonly ownerId: string;
  readonly nowMs: number;
}

/** Claims an object, insert-if-absent: an owner, a tombstone or an orphan in the way stays (T5). */
export async function claimObject(
  writing: Writing,
  { object, ownerId, nowMs }: OwnerAction,
): Promise<'claimed' | 'conflict'> {
  const { tx } = writing;
  const orphan = await whereObject(tx.db.selectFrom('orphanObject').select('number'), object).executeTakeFirst();
  if (orphan !== undefined) return 'conflict';
  const present = await whereObject(
    tx.db.selectFrom('objectOwner').select(['ownerId', 'releasedAtMs']),
    object,
  ).executeTakeFirst();
  if (present !== undefined)
    return present.ownerId === ownerId && present.releasedAtMs === null ? 'claimed' : 'conflict';
  const inserted = await tx.db
    .insertInto('objectOwner')
    .values({
      ...plain(object),
      number: await nextNumber(tx, 'object'),
      ownerId,
      claimedAtMs: nowMs,
      releasedAtMs: null,
    })
    // Another instance may have been faster than the look above.
    .onConflict((conflict) => conflict.columns(['tenantId', 'upstream', 'resource', 'objectId']).doNothing())
    .returning('ownerId')
    .executeTakeFirst();
  if (inserted === undefined) return 'conflict';
  await record(writing, ownerTrace(object, ownerId, nowMs), { action: 'object.claimed', subject: subjectOf(object) });
  return 'claimed';
}

/** Leaves a tombstone of an object that its owner deleted; nothing happens when it is not theirs. */
export async function releaseObject(writing: Writing, { object, ownerId, nowMs }: OwnerAction): Promise<void> {
  const { tx, ctx } = writing;
  const update = tx.db.updateTable('objectOwner').set({ releasedAtMs: nowMs }).where('ownerId', '=', ownerId);
  const released = await whereObject(update.where('releasedAtMs', 'is', null), object)
    .returning('ownerId')
    .executeTakeFirst();
  if (released === undefined) return;
  const subject = subjectOf(object);
  await record(writing, ownerTrace(object, ownerId, nowMs), { action: 'object.released', subject });
  await ctx.events.append(tx, { kind: 'owner.changed', tenantId: object.tenantId, subject, atMs: nowMs });
}

/** Records an object whose claim failed; the first reason stays. */
export async function orphanObject(
  writing: Writing,
  { object, reason, nowMs }: { readonly object: ObjectName; readonly reason: string; readonly nowMs: number },
): Promise<void> {
  const { tx } = writing;
  const inserted = await tx.db
    .insertInto('orphanObject')
    .values({ ...plain(object), number: await nextNumber(tx, 'object'), reason, orphanedAtMs: nowMs })
    .onConflict((conflict) => conflict.columns(['tenantId', 'upstream', 'resource', 'objectId']).doNothing())
    .returning('reason')
    .executeTakeFirst();
  if (inserted === undefined) return;
  const trace: Trace = { actor: 'system:gate', tenantId: object.tenantId, nowMs };
  await record(writing, trace, { action: 'object.orphaned', subject: subjectOf(object), facts: { reason } });
}

/** How the log and events name an object: a JSON array has one reading. */
export function subjectOf({ upstream, resource, objectId }: ObjectName): string {
  return JSON.stringify([upstream, resource, objectId]);
}

/** The object that `subjectOf` named. Only for what it wrote: nothing else is a subject of `owner.changed`. */
export function objectOfSubject(tenantId: string, subject: string): ObjectName {
  // What `subjectOf` wrote is an array of three texts.
  const [upstream, resource, objectId] = JSON.parse(subject) as [string, string, string];
  return { tenantId, upstream, resource, objectId };
}

/** The four columns, whatever else the value carries. */
function plain({ tenantId, upstream, resource, objectId }: ObjectName): ObjectName {
  return { tenantId, upstream, resource, objectId };
}

/** What every query over one object has in common. */
interface ByObject {
  where(column: 'tenantId' | 'upstream' | 'resource' | 'objectId', operator: '=', value: string): this;
}

/** Narrows a query to one object. */
export function whereObject<Query extends ByObject>(query: Query, object: ObjectName): Query {
  const { tenantId, upstream, resource, objectId } = object;
  return query
    .where('tenantId', '=', tenantId)
    .where('upstream', '=', upstream)
    .where('resource', '=', resource)
    .where('objectId', '=', objectId);
}

function ownerTrace({ tenantId }: ObjectName, ownerId: string, nowMs: number): Trace {
  return { actor: `user:${ownerId}`, tenantId, nowMs };
}
