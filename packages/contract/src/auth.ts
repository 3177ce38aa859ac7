import { z } from 'zod';
import { Id, Millis, Nothing, RoleName, TenantId } from './common.ts';
import { defineOperation } from './route.ts';

const TokenDelivery = z
  .enum(['cookie', 'body'])
  .default('cookie')
  .describe('`body` is for clients that are no browser: any Origin, Sec-Fetch-Site or Cookie refuses it.');

/** Who is signed in. */
export const SessionView = z
  .strictObject({
    user: z.strictObject({ id: Id, name: z.string().nullable() }),
    role: RoleName,
    tenant: TenantId,
    sessionId: Id,
    expiresAt: Millis.describe('The absolute end of the session.'),
    permissions: z.array(z.string()),
    csrfToken: z.string().describe('Goes in X-CSRF-Token with every change.'),
  })
  .meta({ id: 'Session' });

/** The answer to a log-in or refresh; tokens only with `tokenDelivery: body`. */
export const LoggedIn = SessionView.extend({
  token: z.string().optional(),
  refreshToken: z.string().optional(),
}).meta({ id: 'LoggedIn' });

export const login = defineOperation({
  operationId: 'login',
  method: 'POST',
  path: '/auth/login',
  summary: 'Log in with an invite code, an invite link or a one-time log-in link',
  access: { public: 'this is where a credential comes from' },
  body: z.union([
    z.strictObject({
      inviteCode: z.string().min(1).max(128).describe('A short code or the part of an invite link after `#invite=`.'),
      name: z.string().trim().min(1).max(64).optional().describe('How a new user is called; selects nobody.'),
      tokenDelivery: TokenDelivery,
    }),
    z.strictObject({
      loginLink: z.string().min(1).max(128).describe('The part of a log-in link after `#link=`.'),
      tokenDelivery: TokenDelivery,
    }),
  ]),
  reply: { status: 200, schema: LoggedIn },
});

export const refresh = defineOperation({
  operationId: 'refresh',
  method: 'POST',
  path: '/auth/refresh',
  summary: 'Rotate the refresh token',
  access: { public: 'the refresh token is the credential, judged by the operation' },
  body: z
    .strictObject({
      refreshToken: z.string().max(256).optional().describe('Only for clients that got it in a body; else the cookie.'),
    })
    .optional(),
  reply: { status: 200, schema: LoggedIn },
});

export const logout = defineOperation({
  operationId: 'logout',
  method: 'POST',
  path: '/auth/logout',
  summary: 'End this session',
  access: { permission: 'self:write' },
  reply: { status: 204, schema: Nothing },
});

export const getSession = defineOperation({
  operationId: 'getSession',
  method: 'GET',
  path: '/auth/session',
  summary: 'Who is signed in',
  access: { permission: 'self:read' },
  reply: { status: 200, schema: SessionView },
});

export const switchTenant = defineOperation({
  operationId: 'switchTenant',
  method: 'POST',
  path: '/auth/session',
  summary: 'Begin a session in another tenant of this user; the present one ends',
  access: { permission: 'self:write' },
  body: z.strictObject({ tenant: TenantId }),
  reply: { status: 200, schema: LoggedIn },
});
