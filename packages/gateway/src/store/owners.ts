import type { Ledger, ObjectName, Owners } from '@steadygate/core';
import type { CacheUse } from '../auth/bounded-map.ts';
import type { Actor } from './actor.ts';
import { type Change, change } from './change.ts';
import type { StoreContext } from './context.ts';
import { claimObject, objectOfSubject, orphanObject, releaseObject } from './ledger.ts';
import { ownerCache, type OwnerCache } from './owner-cache.ts';
import { importObject, type ObjectGrant, transferObject } from './owner-admin.ts';
import { type Page, type PageRequest, toPage } from './page.ts';

/** Ids that one query names. */
const CHUNK = 500;

/** An object and whose it is. */
export interface OwnedObject extends ObjectName {
  readonly ownerId: string;
  readonly claimedAtMs: number;
}

/** An object that exists upstream and that nobody reaches. */
export interface OrphanObject extends ObjectName {
  readonly reason: string;
  readonly orphanedAtMs: number;
}

/** Who owns what: what the data plane asks, and what operators see and mend. */
export interface ObjectOwners extends Owners, Ledger {
  /**
   * Gives an object without owner to a member of the actor's tenant: one nobody claimed, an orphan, or one behind a tombstone.
   * `conflict`: somebody owns it, and keeps it (T5).
   */
  importObject(grant: ObjectGrant, by: Change): Promise<'imported' | 'conflict' | 'owner-unknown'>;
  /** Moves an owned object to another member of the actor's tenant. */
  transfer(grant: ObjectGrant, by: Change): Promise<'transferred' | 'not-owned' | 'owner-unknown'>;
  /** Live objects of the actor's tenant, newest first. */
  list(actor: Actor, page: PageRequest & { readonly ownerId?: string | undefined }): Promise<Page<OwnedObject>>;
  /** Orphans of the actor's tenant, newest first. */
  orphans(actor: Actor, page: PageRequest): Promise<Page<OrphanObject>>;
  /** Of the cache of owners. */
  cacheUse(): CacheUse;
}

/** Owners in the store, behind a cache of positive answers. */
export function objectOwners(ctx: StoreContext): ObjectOwners {
  const cache = ownerCache();
  // Of this process and of others: told after the commit, before a change of this process is acknowledged.
  ctx.events.subscribe(({ kind, tenantId, subject }) => {
    if (kind === 'owner.changed') cache.forget(objectOfSubject(tenantId, subject));
  });
  ctx.events.onResync(() => cache.forgetAll());
  return {
    ownerOf: (object) => cache.get(object) ?? readOwner(ctx, cache, object),
    ownedOf: (scope, objectIds) => readOwned(ctx, scope, objectIds),
    claim: (object, ownerId, nowMs) =>
      change(ctx, object, (writing) => claimObject(writing, { object, ownerId, nowMs })),
    release: (object, ownerId, nowMs) =>
      change(ctx, object, (writing) => releaseObject(writing, { object, ownerId, nowMs })),
    orphan: (object, reason, nowMs) =>
      change(ctx, object, (writing) => orphanObject(writing, { object, reason, nowMs })),
    importObject: (grant, by) => change(ctx, by.actor, (writing) => importObject(writing, grant, by)),
    transfer: (grant, by) => change(ctx, by.actor, (writing) => transferObject(writing, grant, by)),
    list: (actor, page) => listOwned(ctx, actor, page),
    orphans: (actor, page) => listOrphans(ctx, actor, page),
    cacheUse: cache.use,
  };
}

async function readOwner(ctx: StoreContext, cache: OwnerCache, object: ObjectName): Promise<string | undefined> {
  const epoch = cache.epoch();
  const row = await ctx.database
    .reader(object)
    .selectFrom('objectOwner')
    .select('ownerId')
    .where('tenantId', '=', object.tenantId)
    .where('upstream', '=', object.upstream)
    .where('resource', '=', object.resource)
    .where('objectId', '=', object.objectId)
    .where('releasedAtMs', 'is', null)
    .executeTakeFirst();
  if (row !== undefined) cache.remember(object, row.ownerId, epoch);
  return row?.ownerId;
}

async function readOwned(
  ctx: StoreContext,
  scope: Parameters<Owners['ownedOf']>[0],
  objectIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const owned = new Set<string>();
  for (let at = 0; at < objectIds.length; at += CHUNK) {
    const rows = await ctx.database
      .reader(scope)
      .selectFrom('objectOwner')
      .select('objectId')
      .where('tenantId', '=', scope.tenantId)
      .where('upstream', '=', scope.upstream)
      .where('resource', '=', scope.resource)
      .where('objectId', 'in', objectIds.slice(at, at + CHUNK))
      .where('ownerId', '=', scope.ownerId)
      .where('releasedAtMs', 'is', null)
      .execute();
    for (const { objectId } of rows) owned.add(objectId);
  }
  return owned;
}

async function listOwned(
  { database }: StoreContext,
  actor: Actor,
  { limit, cursor, ownerId }: Parameters<ObjectOwners['list']>[1],
): Promise<Page<OwnedObject>> {
  let query = database
    .reader(actor)
    .selectFrom('objectOwner')
    .selectAll()
    .where('tenantId', '=', actor.tenantId)
    .where('releasedAtMs', 'is', null)
    .where('number', '<', numberCursor(cursor));
  if (ownerId !== undefined) query = query.where('ownerId', '=', ownerId);
  const rows = await query
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, {
    item: ({ tenantId, upstream, resource, objectId, ownerId: owner, claimedAtMs }) => ({
      tenantId,
      upstream,
      resource,
      objectId,
      ownerId: owner,
      claimedAtMs,
    }),
    cursor: (row) => String(row.number),
  });
}

async function listOrphans(
  { database }: StoreContext,
  actor: Actor,
  { limit, cursor }: PageRequest,
): Promise<Page<OrphanObject>> {
  const rows = await database
    .reader(actor)
    .selectFrom('orphanObject')
    .selectAll()
    .where('tenantId', '=', actor.tenantId)
    .where('number', '<', numberCursor(cursor))
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, {
    item: ({ tenantId, upstream, resource, objectId, reason, orphanedAtMs }) => ({
      tenantId,
      upstream,
      resource,
      objectId,
      reason,
      orphanedAtMs,
    }),
    cursor: (row) => String(row.number),
  });
}

function numberCursor(cursor: string | undefined): number {
  return /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : Number.MAX_SAFE_INTEGER;
}
