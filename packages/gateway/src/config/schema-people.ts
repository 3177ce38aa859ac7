import { KEY_ROLE } from '@steadygate/core';
import { z } from 'zod';

import { duration, grant, integer, name, refuse, text } from './fields.ts';

/** Areas that only tenant `system` holds: no configured role may carry them (T15). */
const PLATFORM_GRANT = /^(config|tenant|posture|platform):/;

const INVITE_PREFIX = /^[A-Z][A-Z0-9]{0,15}(-[A-Z0-9]{1,16}){0,3}-$/;

const role = z.strictObject({
  permissions: z
    .array(
      grant().superRefine((value, ctx) => {
        if (PLATFORM_GRANT.test(value))
          refuse(
            ctx,
            'is a platform permission',
            'Only tenant `system` holds config, tenant, posture and platform permissions.',
          );
      }),
    )
    .min(1)
    .describe('What the role may do: `orders:read`, `orders:*`, `*:read` or `*`.'),
  invitePrefix: text('an invite prefix', INVITE_PREFIX, 'SB-MEMBER-')
    .optional()
    .describe("How the role's invite codes begin. Absent: `SB-`, the name in upper case, `-`."),
});

const roleName = name().refine((value) => value !== 'admin' && value !== 'viewer' && value !== KEY_ROLE, {
  message: 'is a role that is built in',
  params: {
    hint: 'Built in are `admin` (everything), `viewer` (reading) and `key` (of API keys). Give yours another name.',
  },
});

/** Named sets of permissions. */
export const rolesSchema = z
  .record(roleName, role)
  .prefault({})
  .describe(
    'Named sets of permissions. Built in: `admin` (`*`, prefix `SB-ADMIN-`) and `viewer` (`*:read`, prefix `SB-VIEW-`).',
  );

/** How long a log-in lasts. */
export const sessionsSchema = z
  .strictObject({
    absolute: duration('1m', '24h')
      .prefault('24h')
      .describe('A session ends this long after log-in, whatever happens.'),
    idle: duration('1m', '24h').prefault('2h').describe('A session ends this long after it was last used.'),
    accessTokenLife: duration('1s', '1h')
      .prefault('10m')
      .describe('Life of one access token. Browsers renew silently.'),
    refreshGrace: duration('0s', '10s')
      .prefault('10s')
      .describe(
        'How long a refresh token that was just used still answers with its successor, for requests that raced.',
      ),
  })
  .prefault({})
  .describe('How long a log-in lasts.');

/** How people are let in. */
export const invitesSchema = z
  .strictObject({
    length: integer(8, 64).prefault(8).describe('Random characters after the prefix.'),
    life: duration('1m', '30d').prefault('72h').describe('How long an invite can be used, unless it says otherwise.'),
    uses: integer(1, 1000).prefault(1).describe('How often an invite can be used, unless it says otherwise.'),
  })
  .prefault({})
  .describe('How people are let in.');
