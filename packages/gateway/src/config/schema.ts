import { z } from 'zod';

import { blocksSchema } from './schema-blocks.ts';
import { countersSchema } from './schema-counters.ts';
import { auditSchema, guardsSchema, limitsSchema, logSchema, secretsSchema } from './schema-guards.ts';
import { keysSchema, tenantsSchema } from './schema-api-keys.ts';
import { listenSchema, tlsSchema, trustedProxiesSchema } from './schema-listen.ts';
import { ownershipSchema } from './schema-ownership.ts';
import { invitesSchema, rolesSchema, sessionsSchema } from './schema-people.ts';
import { routesSchema } from './schema-routes.ts';
import { storeSchema } from './schema-store.ts';
import { upstreamsSchema } from './schema-upstreams.ts';

/** The whole configuration: every key with its type, bounds, default and description. Unknown keys are refused. */
export const configSchema = z.strictObject({
  environment: z
    .enum(['production', 'development'])
    .default('production')
    .describe(
      '`production` refuses to start on a critical weak setting. `development` refuses binds other than loopback.',
    ),
  listen: listenSchema,
  tls: tlsSchema,
  trustedProxies: trustedProxiesSchema,
  upstreams: upstreamsSchema,
  routes: routesSchema,
  ownership: ownershipSchema,
  roles: rolesSchema,
  tenants: tenantsSchema,
  sessions: sessionsSchema,
  invites: invitesSchema,
  keys: keysSchema,
  limits: limitsSchema,
  blocks: blocksSchema,
  guards: guardsSchema,
  store: storeSchema,
  counters: countersSchema,
  secrets: secretsSchema,
  audit: auditSchema,
  log: logSchema,
});

/** A configuration that loaded: defaults filled in, durations in milliseconds, sizes in bytes. */
export type Config = z.output<typeof configSchema>;

/** The JSON Schema that editors use, and that the reference page is made of. Describes what is written, not what is parsed. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
}
