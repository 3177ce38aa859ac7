import { z } from 'zod';
import { Id, Millis, NextCursor, Nothing, PageQuery, TenantId } from './common.ts';
import { defineOperation } from './route.ts';

/** A block in force. */
export const BlockView = z
  .strictObject({
    id: Id.describe('What lifts it.'),
    kind: z.enum(['key', 'user', 'address']),
    subject: z.string().describe('The id of the key or user, or the address; of IPv6 its /64.'),
    tenant: TenantId.describe(
      'Where it binds. Blocks of addresses are of tenant `system` and bind what has no good credential.',
    ),
    cause: z.string().describe('The guard and rule of the last violation, or that somebody made it.'),
    requestId: z.string().nullable().describe('Of the last violation: `explain` tells more.'),
    madeBy: z.string(),
    level: z.int().describe('Which in a row it is: they grow.'),
    createdAt: Millis,
    until: Millis,
  })
  .meta({ id: 'Block' });

const BlockList = z.strictObject({ blocks: z.array(BlockView), nextCursor: NextCursor }).meta({ id: 'Blocks' });

const Seconds = z.int().min(1).max(31_536_000).describe('How long it holds, at most a year.');

export const listBlocks = defineOperation({
  operationId: 'listBlocks',
  method: 'GET',
  path: '/control/v1/blocks',
  summary: 'Blocked keys and users of this tenant, newest first',
  access: { permission: 'block:read' },
  query: PageQuery,
  reply: { status: 200, schema: BlockList },
});

export const createBlock = defineOperation({
  operationId: 'createBlock',
  method: 'POST',
  path: '/control/v1/blocks',
  summary: 'Block a key or user of this tenant, in this tenant',
  access: { permission: 'block:write' },
  body: z.union([z.strictObject({ keyId: Id, seconds: Seconds }), z.strictObject({ userId: Id, seconds: Seconds })]),
  reply: { status: 201, schema: BlockView },
});

export const liftBlock = defineOperation({
  operationId: 'liftBlock',
  method: 'DELETE',
  path: '/control/v1/blocks/{id}',
  summary: 'Lift the block of a key or user of this tenant, and forgive what led to it',
  access: { permission: 'block:write' },
  reply: { status: 204, schema: Nothing },
});

export const listAddressBlocks = defineOperation({
  operationId: 'listAddressBlocks',
  method: 'GET',
  path: '/control/v1/address-blocks',
  summary: 'Blocked addresses, newest first: of the platform, since they bind in every tenant',
  access: { permission: 'platform:read' },
  query: PageQuery,
  reply: { status: 200, schema: BlockList },
});

export const createAddressBlock = defineOperation({
  operationId: 'createAddressBlock',
  method: 'POST',
  path: '/control/v1/address-blocks',
  summary: 'Block what an address sends without a good credential',
  access: { permission: 'platform:write' },
  body: z.strictObject({ address: z.string().max(64).describe('Of IPv6 the whole /64 is meant.'), seconds: Seconds }),
  reply: { status: 201, schema: BlockView },
});

export const liftAddressBlock = defineOperation({
  operationId: 'liftAddressBlock',
  method: 'DELETE',
  path: '/control/v1/address-blocks/{id}',
  summary: 'Lift the block of an address, and forgive what led to it',
  access: { permission: 'platform:write' },
  reply: { status: 204, schema: Nothing },
});
