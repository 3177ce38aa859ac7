import { z } from 'zod';
import { Ended, Id, Millis, NextCursor, Nothing, PageQuery, RoleName } from './common.ts';
import { defineOperation } from './route.ts';

export const SessionSummary = z
  .strictObject({
    id: Id,
    userId: Id,
    role: RoleName,
    createdAt: Millis,
    lastSeenAt: Millis,
    expiresAt: Millis,
    current: z.boolean().describe('True for the session that asks.'),
  })
  .meta({ id: 'SessionSummary' });

const Sessions = z.strictObject({ sessions: z.array(SessionSummary), nextCursor: NextCursor }).meta({ id: 'Sessions' });

export const listOwnSessions = defineOperation({
  operationId: 'listOwnSessions',
  method: 'GET',
  path: '/auth/sessions',
  summary: 'My live sessions',
  access: { permission: 'self:read' },
  query: PageQuery,
  reply: { status: 200, schema: Sessions },
});

export const revokeOwnSession = defineOperation({
  operationId: 'revokeOwnSession',
  method: 'DELETE',
  path: '/auth/sessions/{id}',
  summary: 'End one of my sessions',
  access: { permission: 'self:write' },
  reply: { status: 204, schema: Nothing },
});

export const listSessions = defineOperation({
  operationId: 'listSessions',
  method: 'GET',
  path: '/control/v1/sessions',
  summary: 'Live sessions of this tenant',
  access: { permission: 'session:read' },
  query: PageQuery.extend({ userId: Id.optional() }),
  reply: { status: 200, schema: Sessions },
});

export const revokeSession = defineOperation({
  operationId: 'revokeSession',
  method: 'DELETE',
  path: '/control/v1/sessions/{id}',
  summary: 'End a session at once, its sockets and streams included',
  access: { permission: 'session:write' },
  reply: { status: 200, schema: Ended },
});
