import { z } from 'zod';
import { Id, Millis, NextCursor, Nothing, PageQuery } from './common.ts';
import { defineOperation } from './route.ts';

const Name = z.string().min(1).max(64);
const ObjectId = z.string().min(1).max(256);

export const OwnedObject = z
  .strictObject({ upstream: Name, resource: Name, objectId: ObjectId, ownerId: Id, claimedAt: Millis })
  .meta({ id: 'OwnedObject' });

export const listOwned = defineOperation({
  operationId: 'listOwned',
  method: 'GET',
  path: '/control/v1/owners',
  summary: 'Who owns which object (ids only, never contents)',
  access: { permission: 'owner:read' },
  query: PageQuery.extend({ ownerId: Id.optional() }),
  reply: {
    status: 200,
    schema: z.strictObject({ objects: z.array(OwnedObject), nextCursor: NextCursor }).meta({ id: 'OwnedObjects' }),
  },
});

export const importOwner = defineOperation({
  operationId: 'importOwner',
  method: 'POST',
  path: '/control/v1/owners',
  summary: 'Give an object that has no owner to a user; an owned object is a conflict',
  access: { permission: 'owner:write' },
  body: z.strictObject({
    upstream: Name,
    resource: Name,
    objectId: ObjectId,
    ownerId: Id,
    reason: z.string().min(3).max(256),
  }),
  reply: { status: 204, schema: Nothing },
});
