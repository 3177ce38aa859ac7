import { z } from 'zod';
import { Ended, Id, Millis, NextCursor, PageQuery, RoleName } from './common.ts';
import { defineOperation } from './route.ts';

export const UserView = z
  .strictObject({
    id: Id,
    name: z.string().nullable(),
    role: RoleName,
    createdAt: Millis,
    disabledAt: Millis.nullable(),
  })
  .meta({ id: 'User' });

export const listUsers = defineOperation({
  operationId: 'listUsers',
  method: 'GET',
  path: '/control/v1/users',
  summary: 'Members of this tenant',
  access: { permission: 'user:read' },
  query: PageQuery,
  reply: {
    status: 200,
    schema: z.strictObject({ users: z.array(UserView), nextCursor: NextCursor }).meta({ id: 'Users' }),
  },
});

export const disableUser = defineOperation({
  operationId: 'disableUser',
  method: 'POST',
  path: '/control/v1/users/{id}/disable',
  summary: 'Disable a user: every session ends at once',
  access: { permission: 'user:write' },
  reply: { status: 200, schema: Ended },
});
