import { importOwner, listOwned } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { ObjectOwners } from '../store/owners.ts';
import { by } from './by.ts';
import { mount } from './mount.ts';

/** Who owns which object: ids only, never contents. */
export function ownerRoutes(app: FastifyInstance, owners: Pick<ObjectOwners, 'list' | 'importObject'>): void {
  mount(app, listOwned, async ({ access, query }) => {
    const page = await owners.list(access, query);
    const objects = page.items.map(({ upstream, resource, objectId, ownerId, claimedAtMs }) => {
      return { upstream, resource, objectId, ownerId, claimedAt: claimedAtMs };
    });
    return { objects, nextCursor: page.nextCursor };
  });

  mount(app, importOwner, async ({ access, body, own }) => {
    const result = await owners.importObject(body, by(access, own));
    if (result === 'conflict')
      throw new ProblemError('conflict', { detail: 'That object has an owner, who keeps it.' });
    if (result === 'owner-unknown') throw new ProblemError('not-found', { detail: 'There is no such live user.' });
    return undefined;
  });
}
