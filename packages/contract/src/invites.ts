import { z } from 'zod';
import { Id, Millis, NextCursor, Nothing, PageQuery, RoleName } from './common.ts';
import { defineOperation } from './route.ts';

/** An invite without its code: that is shown once, when it is created. */
export const InviteView = z
  .strictObject({
    id: Id,
    role: RoleName,
    userId: Id.nullable().describe('The existing user it is made for; null: each use creates a user.'),
    usesLeft: z.int(),
    usesMax: z.int(),
    createdAt: Millis,
    expiresAt: Millis,
    state: z.enum(['open', 'used', 'expired', 'revoked']),
  })
  .meta({ id: 'Invite' });

export const createInvite = defineOperation({
  operationId: 'createInvite',
  method: 'POST',
  path: '/control/v1/invites',
  summary: 'Issue an invite for a role of this tenant that grants nothing its issuer does not hold',
  access: { permission: 'invite:write' },
  body: z.strictObject({
    role: RoleName,
    uses: z.int().min(1).max(1000).default(1),
    expiresInSeconds: z.int().min(60).max(2_592_000).default(259_200).describe('At most 30 days.'),
  }),
  reply: {
    status: 201,
    schema: InviteView.extend({
      invite: z.string().describe('Shown once; only its digest is kept.'),
      link: z.string().describe('The same invite as a link with 128 bits. Shown once.'),
    }).meta({ id: 'IssuedInvite' }),
  },
});

export const listInvites = defineOperation({
  operationId: 'listInvites',
  method: 'GET',
  path: '/control/v1/invites',
  summary: 'Invites of this tenant',
  access: { permission: 'invite:read' },
  query: PageQuery,
  reply: {
    status: 200,
    schema: z.strictObject({ invites: z.array(InviteView), nextCursor: NextCursor }).meta({ id: 'Invites' }),
  },
});

export const revokeInvite = defineOperation({
  operationId: 'revokeInvite',
  method: 'DELETE',
  path: '/control/v1/invites/{id}',
  summary: 'Withdraw an invite',
  access: { permission: 'invite:write' },
  reply: { status: 204, schema: Nothing },
});
