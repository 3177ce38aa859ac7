import { z } from 'zod';
import { Ended, Id, Millis, NextCursor, PageQuery } from './common.ts';
import { defineOperation } from './route.ts';

const Environment = z.enum(['live', 'test']).describe('A test key never passes where only live ones are taken.');
const Rate = z.string().max(32).describe('How many per how long, such as `20/s`.');
const Permissions = z.array(z.string().max(64)).describe('Such as `orders:read`, or `orders:*`.');

/** A key without its secret: that is shown once, when it is created. */
export const ApiKeyView = z
  .strictObject({
    id: Id,
    userId: Id.describe('The service account: it owns what its keys make, and survives their rotation.'),
    name: z.string().nullable(),
    environment: Environment,
    permissions: Permissions,
    addresses: z.array(z.string()).describe('Where it may be used from; empty: anywhere.'),
    limit: Rate.nullable().describe("Null: the limit of its tenant's keys."),
    createdAt: Millis,
    expiresAt: Millis.nullable().describe('Null: no end.'),
    lastUsedAt: Millis.nullable(),
    imported: z.boolean().describe('True for a key that another system issued.'),
    state: z.enum(['active', 'rotated', 'expired', 'revoked']).describe('`rotated`: works until `expiresAt`.'),
  })
  .meta({ id: 'ApiKey' });

const IssuedKey = ApiKeyView.extend({
  key: z.string().describe('Shown once; only its digest is kept.'),
}).meta({ id: 'IssuedApiKey' });

export const createKey = defineOperation({
  operationId: 'createKey',
  method: 'POST',
  path: '/control/v1/keys',
  summary: 'Issue an API key of this tenant that holds nothing its issuer does not hold',
  access: { permission: 'key:write' },
  body: z.strictObject({
    name: z.string().min(1).max(128),
    environment: Environment.default('live'),
    permissions: Permissions.min(1).max(64),
    addresses: z.array(z.string().max(64)).max(64).default([]).describe('CIDR ranges.'),
    limit: Rate.optional(),
    expiresInSeconds: z.int().min(60).max(315_360_000).optional(),
  }),
  reply: { status: 201, schema: IssuedKey },
});

export const listKeys = defineOperation({
  operationId: 'listKeys',
  method: 'GET',
  path: '/control/v1/keys',
  summary: 'API keys of this tenant',
  access: { permission: 'key:read' },
  query: PageQuery,
  reply: {
    status: 200,
    schema: z.strictObject({ keys: z.array(ApiKeyView), nextCursor: NextCursor }).meta({ id: 'ApiKeys' }),
  },
});

export const rotateKey = defineOperation({
  operationId: 'rotateKey',
  method: 'POST',
  path: '/control/v1/keys/{id}/rotate',
  summary: 'Give an API key a successor that is what it was',
  access: { permission: 'key:write' },
  body: z.strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(2_592_000)
      .optional()
      .describe('How long the old key still works, never beyond its own end; 0 ends it at once.'),
  }),
  reply: { status: 201, schema: IssuedKey },
});

export const revokeKey = defineOperation({
  operationId: 'revokeKey',
  method: 'DELETE',
  path: '/control/v1/keys/{id}',
  summary: 'End an API key at once, its streams included',
  access: { permission: 'key:write' },
  reply: { status: 200, schema: Ended },
});

const Period = z.strictObject({
  hours: z.coerce.number().int().min(1).max(2160).default(24).describe('How far back, at most 90 days.'),
});

const Quota = z.strictObject({ limit: z.int(), used: z.int() });

const KeyUsage = z
  .strictObject({
    keyId: Id,
    from: Millis,
    usage: z.array(
      z.strictObject({
        hour: Millis,
        route: z.string().describe("The route's path as configured, such as `/v1/orders/**`."),
        verdict: z.string().describe('`allow`, or the code of the problem.'),
        count: z.int(),
      }),
    ),
    quota: z
      .strictObject({ key: Quota.nullable(), tenant: Quota.nullable(), resetsAt: Millis })
      .nullable()
      .describe(
        'What of the day is used: by the key with its predecessors, and by all keys of its tenant. Null: no quotas.',
      ),
  })
  .meta({ id: 'ApiKeyUsage' });

export const getKeyUsage = defineOperation({
  operationId: 'getKeyUsage',
  method: 'GET',
  path: '/control/v1/keys/{id}/usage',
  summary: 'What an API key did, by hour, route and verdict',
  access: { permission: 'key:read' },
  query: Period,
  reply: { status: 200, schema: KeyUsage },
});

export const getOwnUsage = defineOperation({
  operationId: 'getOwnUsage',
  method: 'GET',
  path: '/control/v1/usage',
  summary: 'What the API key that asks did',
  access: { permission: 'self:read', credential: 'key' },
  query: Period,
  reply: { status: 200, schema: KeyUsage },
});

export const reportKeyLeak = defineOperation({
  operationId: 'reportKeyLeak',
  method: 'POST',
  path: '/control/v1/key-leaks',
  summary: 'Report an API key that was found where it should not be: a genuine one ends at once',
  access: { public: 'Whoever finds a key has no credential; the answer never says what it was.' },
  body: z.strictObject({ key: z.string().min(1).max(512).describe('The whole key.') }),
  reply: { status: 202, schema: z.strictObject({}) },
});
