import { KEY_ENVIRONMENTS } from '@steadygate/core';
import { z } from 'zod';

import { duration, rate, text } from './fields.ts';

/** As core reads it: an underscore ends the prefix, and none stands within. */
const PREFIX = /^[a-z][a-z0-9]{0,15}_$/;
const TENANT = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** A list of key environments. */
export const keyEnvironments = () => z.array(z.enum(KEY_ENVIRONMENTS)).min(1);

/** API keys of service accounts. */
export const keysSchema = z
  .strictObject({
    prefix: text('a key prefix', PREFIX, 'sg_')
      .default('sg_')
      .describe(
        'How every key begins: `sg_` makes `sg_live_…` and `sg_test_…`. Keys under another prefix are refused.',
      ),
    environments: keyEnvironments()
      .optional()
      .describe(
        "Which keys routes take, unless they say otherwise. Absent: `live` in production, both in development. A route's `keyEnvironments` replace it.",
      ),
    defaultLimit: rate()
      .prefault('10/s')
      .describe("How often each key may call, *instead* of `limits.general`. A route's `limits` replace it."),
    tenantLimits: z
      .record(z.string().regex(TENANT), rate())
      .prefault({})
      .describe('By tenant: how often each of its keys may call, instead of `defaultLimit`.'),
    lifeMax: duration('1h', '3650d')
      .optional()
      .describe('How long a new key may hold at most, and does when nobody says. Absent: keys may have no end.'),
    rotationOverlap: duration('0s', '30d')
      .prefault('24h')
      .describe('How long a rotated key still works beside its successor, unless the rotation says otherwise.'),
    remindAfter: duration('1d', '3650d')
      .prefault('90d')
      .describe('A key in use for this long is reported once, in the log and the audit log: rotate it.'),
  })
  .prefault({})
  .describe('API keys: `sg_live_<id>_<secret><checksum>`, sent as `X-API-Key` or as a bearer token.');
