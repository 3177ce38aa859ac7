import {
  type BlocksPolicy,
  type BurstPolicy,
  type CorsPolicy,
  type LimitsPolicy,
  type OwnershipPolicy,
  type Policy,
  type RouteLimit,
  type RoutePolicy,
} from '@steadygate/core';

import { ownAddress } from './own-address.ts';
import { rolesOf } from './roles.ts';
import type { Config } from './schema.ts';
import { toKeys } from './to-keys.ts';
import { type Apis, toRouteSchema } from './to-openapi.ts';
import { toRouteText } from './to-text.ts';
import { toRouteWaf } from './to-waf.ts';

type ConfigRoute = Config['routes'][number];
type ConfigOwnership = Config['ownership'][number];
type ConfigRate = Config['limits']['general'];

/**
 * What `config` decides, for core to compile. `config.listen.port` must be the bound one, since origins name it; `apis` are the
 * documents that were read with it.
 */
export function toPolicy(config: Config, apis: Apis = new Map()): Policy {
  const { environment, guards } = config;
  const { addresses, securityHeaders } = guards;
  return {
    environment,
    routes: config.routes.map((route, at) => toRoute(route, at, { config, apis })),
    ownership: config.ownership.map((entry, at) => toOwnership(entry, at, config)),
    roles: Object.fromEntries(Object.entries(rolesOf(config)).map(([name, role]) => [name, role.permissions])),
    screen: { allowAddresses: addresses.allow, denyAddresses: addresses.deny, sensitivePaths: guards.sensitivePaths },
    limits: toLimits(config.limits),
    cors: toCors(guards.cors),
    origins: ownAddress(config.listen, environment).origins,
    egress: {
      contentSecurityPolicy: securityHeaders.contentSecurityPolicy,
      hstsMaxAgeSeconds: Math.floor(securityHeaders.hstsMaxAge / 1000),
      permissionsPolicy: securityHeaders.permissionsPolicy,
    },
    keys: toKeys(config),
    blocks: toBlocks(config),
  };
}

function toBlocks({ blocks, trustedProxies }: Config): BlocksPolicy {
  const { mode, violations, forgetAfter: forgetAfterMs, allow } = blocks;
  return { mode, violations, stepsMs: blocks.for, forgetAfterMs, allow, proxies: trustedProxies };
}

function toBurst({ mode, window: windowMs, factor, atLeast, max }: Config['limits']['burst']): BurstPolicy {
  return { mode, windowMs, factor, atLeast, max, config: 'limits.burst' };
}

function toRoute(
  route: ConfigRoute,
  at: number,
  { config, apis }: { readonly config: Config; readonly apis: Apis },
): RoutePolicy {
  const path = `routes[${String(at)}]`;
  const upstream = route.deny ? route.upstream : (route.upstream ?? onlyUpstream(config));
  return {
    config: path,
    path: route.path,
    ...(upstream === undefined ? {} : { upstream }),
    access: route.access,
    ...(route.keyEnvironments === undefined ? {} : { keyEnvironments: route.keyEnvironments }),
    deny: route.deny,
    ...(route.permission === undefined ? {} : { permission: route.permission }),
    ...(route.methods === undefined ? {} : { methods: route.methods }),
    ...(route.limits === undefined ? {} : { limits: toRouteLimits(route.limits, path) }),
    bodyBytesMax: route.bodyMax,
    websocket: route.websocket,
    csrf: 'origin-or-token',
    guards: toGuards(route, config, apis),
    ...(route.cors === undefined ? {} : { cors: toCors(route.cors) }),
    assertion: route.assertion,
  };
}

/** The content guards of a route: only those that somebody asked for. */
function toGuards(route: ConfigRoute, config: Config, apis: Apis): RoutePolicy['guards'] {
  const text = toRouteText(route, config);
  const schema = toRouteSchema(route, config, apis);
  const waf = toRouteWaf(route, config);
  return {
    ...(text === undefined ? {} : { text }),
    ...(schema === undefined ? {} : { schema }),
    ...(waf === undefined ? {} : { waf }),
  };
}

function toRouteLimits(limits: NonNullable<ConfigRoute['limits']>, path: string): readonly RouteLimit[] {
  return limits.map(({ per, rate }, at) => toLimit(rate, per, `${path}.limits[${String(at)}]`));
}

function toLimit({ rate, text }: ConfigRate, per: RouteLimit['per'], config: string): RouteLimit {
  return { per, rate, text, config };
}

function toLimits(limits: Config['limits']): LimitsPolicy {
  return {
    general: toLimit(limits.general, 'principal', 'limits.general'),
    credentials: toLimit(limits.credentials, 'address', 'limits.credentials'),
    refresh: toLimit(limits.refresh, 'principal', 'limits.refresh'),
    burst: toBurst(limits.burst),
  };
}

function toCors(cors: Config['guards']['cors']): CorsPolicy {
  return {
    // Only exact origins are ever matched; the audit of weak settings names `*` and `null`.
    origins: cors.origins.filter((origin) => origin !== '*' && origin !== 'null'),
    credentials: cors.credentials,
    allowHeaders: cors.allowHeaders,
    exposeHeaders: cors.exposeHeaders,
    maxAgeSeconds: Math.floor(cors.maxAge / 1000),
  };
}

function toOwnership(entry: ConfigOwnership, at: number, config: Config): OwnershipPolicy {
  return { ...entry, config: `ownership[${String(at)}]`, upstream: ownershipUpstream(entry, config) };
}

/** The upstream of an ownership entry. The loader has refused one that names none where there are several. */
export function ownershipUpstream(entry: ConfigOwnership, config: Config): string {
  return entry.upstream ?? onlyUpstream(config) ?? '';
}

function onlyUpstream(config: Config): string | undefined {
  const [first, ...others] = Object.keys(config.upstreams);
  return others.length === 0 ? first : undefined;
}
