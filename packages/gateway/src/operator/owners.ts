import { OwnedObject } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { defineCommand } from './command.ts';
import { AnId, byOperator, NextCursor, PAGE, Tenant } from './fields.ts';
import { assertTenant } from './tenants.ts';

const Name = z.string().min(1).max(64);

const GrantInput = z.strictObject({
  tenant: Tenant,
  upstream: Name,
  resource: Name,
  objectId: z.string().min(1).max(256),
  ownerId: AnId,
  reason: z.string().min(3, 'at least 3 characters').max(256),
});

const OrphanView = z.strictObject({
  upstream: z.string(),
  resource: z.string(),
  objectId: z.string(),
  reason: z.string(),
  orphanedAt: z.int(),
});

/** Lists who owns which object of a tenant: ids only. */
export const listOwners = defineCommand({
  name: 'owner.list',
  summary: 'List who owns which object',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, ownerId: AnId.optional(), ...PAGE }),
  output: z.strictObject({ objects: z.array(OwnedObject), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const { items, nextCursor } = await deps.store.owners.list(deps.actor(tenant), page);
    const objects = items.map(({ upstream, resource, objectId, ownerId, claimedAtMs }) => {
      return { upstream, resource, objectId, ownerId, claimedAt: claimedAtMs };
    });
    return { objects, nextCursor };
  },
});

/** Lists objects that exist upstream and that nobody reaches (T4). */
export const listOrphans = defineCommand({
  name: 'owner.orphans',
  summary: 'List objects that nobody owns',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, ...PAGE }),
  output: z.strictObject({ objects: z.array(OrphanView), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const { items, nextCursor } = await deps.store.owners.orphans(deps.actor(tenant), page);
    const objects = items.map(({ upstream, resource, objectId, reason, orphanedAtMs }) => {
      return { upstream, resource, objectId, reason, orphanedAt: orphanedAtMs };
    });
    return { objects, nextCursor };
  },
});

/** Gives an object without owner to a user; an owned one stays its owner's (T5). */
export const importOwner = defineCommand({
  name: 'owner.import',
  summary: 'Give an object that has no owner to a user',
  needsServer: false,
  input: GrantInput,
  output: z.strictObject({ objectId: z.string(), ownerId: z.string() }),
  async run(deps, { tenant, ...grant }) {
    await assertTenant(deps, tenant);
    const result = await deps.store.owners.importObject(grant, byOperator(deps, tenant));
    if (result === 'owner-unknown') throw ownerUnknown();
    if (result === 'conflict') {
      throw new ProblemError('conflict', { detail: 'The object has an owner. To move it: steadygate owner transfer.' });
    }
    return { objectId: grant.objectId, ownerId: grant.ownerId };
  },
});

/** Moves an owned object to another user. */
export const transferOwner = defineCommand({
  name: 'owner.transfer',
  summary: 'Move an object to another owner',
  needsServer: false,
  input: GrantInput,
  output: z.strictObject({ objectId: z.string(), ownerId: z.string() }),
  async run(deps, { tenant, ...grant }) {
    await assertTenant(deps, tenant);
    const result = await deps.store.owners.transfer(grant, byOperator(deps, tenant));
    if (result === 'owner-unknown') throw ownerUnknown();
    if (result === 'not-owned') {
      throw new ProblemError('not-found', {
        detail: 'Nobody owns that object. To give it to somebody: steadygate owner import.',
      });
    }
    return { objectId: grant.objectId, ownerId: grant.ownerId };
  },
});

function ownerUnknown(): ProblemError {
  return new ProblemError('not-found', { detail: 'The new owner is no live member of this tenant.' });
}
