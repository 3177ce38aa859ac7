import { KEY_ENVIRONMENTS } from '@steadygate/core';
import { z } from 'zod';

import { duration, integer, name, rate, text } from './fields.ts';

/** As core reads it: an underscore ends the prefix, and none stands within. */
const PREFIX = /^[a-z][a-z0-9]{0,15}_$/;
const PLAN = /^[a-z][a-z0-9-]{0,62}$/;
const TENANT = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** A list of key environments. */
export const keyEnvironments = () => z.array(z.enum(KEY_ENVIRONMENTS)).min(1);

const quota = () => integer(1, 1_000_000_000);

/** Named limits. */
const planSchema = z.strictObject({
  limit: rate().optional().describe('How often each key may call. Absent: `defaultLimit`.'),
  keyPerDay: quota()
    .optional()
    .describe('Requests of each key, with its successors, from midnight UTC to midnight. Absent: no such quota.'),
  tenantPerDay: quota()
    .optional()
    .describe('Requests of all keys of a tenant together within a day. Absent: no such quota.'),
});

/** What is said of single tenants. */
export const tenantsSchema = z
  .record(
    z.string().regex(TENANT),
    z.strictObject({
      plan: name().optional().describe('A plan of `keys.plans`. Absent: `keys.plan`.'),
      keyPerDay: quota().optional().describe("Instead of the plan's."),
      tenantPerDay: quota().optional().describe("Instead of the plan's."),
    }),
  )
  .prefault({})
  .describe(
    'By tenant: its plan. `keys.tenantLimits` replaces the limit of a plan. Tenants are made with `steadygate tenant create`.',
  );

const anomaliesSchema = z
  .strictObject({
    mode: z.enum(['alert', 'off']).default('alert').describe('Whether alerts are raised.'),
    window: duration('1m', '6h').prefault('15m').describe('What is counted together.'),
    factor: integer(2, 1000).prefault(5).describe("How many times a key's usual requests in a window are unusual."),
    atLeast: integer(1, 1_000_000).prefault(300).describe('So many in a window are never unusual.'),
    errorsAtLeast: integer(1, 1_000_000)
      .prefault(50)
      .describe('Failures in a window from which on their share is looked at: half, or three times the usual share.'),
  })
  .prefault({})
  .describe('Unusual use of keys: volume, failures, and the first request from another network (/24, /48).');

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
    plans: z.record(z.string().regex(PLAN), planSchema).prefault({}).describe('Named limits for tenants.'),
    plan: name().optional().describe('The plan of tenants that name none. Absent: no plan.'),
    anomalies: anomaliesSchema,
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
