import { type DayQuota, type DayQuotas, KEY_ENVIRONMENTS, type KeysPolicy, type RouteLimit } from '@steadygate/core';

import type { Config } from './schema.ts';

type Keys = Config['keys'];
type Plan = Keys['plans'][string];

/** What is taken as an API key, and how much each may ask. In production a test key is refused unless somebody wrote that it is meant. */
export function toKeys({ keys, environment, tenants }: Config): KeysPolicy {
  const names = new Set([...Object.keys(tenants), ...Object.keys(keys.tenantLimits)]);
  const common = planOf(keys, keys.plan);
  return {
    prefix: keys.prefix,
    environments: keys.environments ?? (environment === 'production' ? ['live'] : KEY_ENVIRONMENTS),
    limit: limitOf(common, keys) ?? toLimit(keys.defaultLimit, 'keys.defaultLimit'),
    tenantLimits: Object.fromEntries(
      [...names].flatMap((tenant) => {
        const limit = tenantLimit(tenant, keys, tenants);
        return limit === undefined ? [] : [[tenant, limit] as const];
      }),
    ),
    quotas: {
      others: { key: planned(common, 'keyPerDay'), tenant: planned(common, 'tenantPerDay') },
      tenants: Object.fromEntries(
        Object.entries(tenants).map(([tenant, said]) => {
          return [tenant, quotasOf(planOf(keys, said.plan) ?? common, said, `tenants.${tenant}`)] as const;
        }),
      ),
    },
  };
}

/** A plan, and where it stands. */
interface NamedPlan {
  readonly plan: Plan;
  readonly config: string;
}

function planOf({ plans }: Keys, name: string | undefined): NamedPlan | undefined {
  const plan = name === undefined ? undefined : own(plans, name);
  return name === undefined || plan === undefined ? undefined : { plan, config: `keys.plans.${name}` };
}

function tenantLimit(tenant: string, keys: Keys, tenants: Config['tenants']): RouteLimit | undefined {
  const said = own(keys.tenantLimits, tenant);
  if (said !== undefined) return toLimit(said, `keys.tenantLimits.${tenant}`);
  return limitOf(planOf(keys, own(tenants, tenant)?.plan), keys);
}

/** A plan that names no limit gives that of all keys: that of another plan would be a surprise. */
function limitOf(found: NamedPlan | undefined, { defaultLimit }: Keys): RouteLimit | undefined {
  if (found === undefined) return undefined;
  const { limit } = found.plan;
  return limit === undefined ? toLimit(defaultLimit, 'keys.defaultLimit') : toLimit(limit, `${found.config}.limit`);
}

function toLimit({ rate, text }: Keys['defaultLimit'], config: string): RouteLimit {
  return { per: 'principal', rate, text, config };
}

function quotasOf(found: NamedPlan | undefined, said: Config['tenants'][string], place: string): DayQuotas {
  const quota = (of: 'keyPerDay' | 'tenantPerDay'): DayQuota | undefined => {
    const amount = said[of];
    return amount === undefined ? planned(found, of) : { amount, config: `${place}.${of}` };
  };
  return { key: quota('keyPerDay'), tenant: quota('tenantPerDay') };
}

function planned(found: NamedPlan | undefined, of: 'keyPerDay' | 'tenantPerDay'): DayQuota | undefined {
  const amount = found?.plan[of];
  return found === undefined || amount === undefined ? undefined : { amount, config: `${found.config}.${of}` };
}

/** `constructor` is a well-formed tenant. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
