import type { Authenticator } from '../authenticator.ts';
import type { BlockBook } from '../blocks/block-book.ts';
import type { BurstMeter } from '../bursts/burst-meter.ts';
import { type CredentialJudge, credentialJudge } from '../credential/credential-judge.ts';
import { cookieNames } from '../credential/presented-credential.ts';
import { type Guard, PHASES } from '../guard.ts';
import { addressGuard } from '../guards/address.ts';
import { attributed } from '../guards/attributed.ts';
import { authenticateGuard, type AuthenticateOptions, isAccepted } from '../guards/authenticate.ts';
import { addressBlockGuard, type BlockGuardOptions, callerBlockGuard } from '../guards/block.ts';
import { bodySizeGuard } from '../guards/body-size.ts';
import { burstGuard } from '../guards/burst.ts';
import { corsGuard } from '../guards/cors.ts';
import { csrfGuard } from '../guards/csrf.ts';
import { keyLimitGuard } from '../guards/key-limit.ts';
import { limitGuard } from '../guards/limit.ts';
import { methodGuard } from '../guards/method.ts';
import { quotaGuard } from '../guards/quota.ts';
import { ownershipGuard } from '../guards/ownership.ts';
import { permissionGuard } from '../guards/permission.ts';
import { routeDeniedGuard, spellingGuard } from '../guards/route-denied.ts';
import { schemaGuard } from '../guards/schema.ts';
import { sensitivePathGuard } from '../guards/sensitive-path.ts';
import { tenantGuard } from '../guards/tenant.ts';
import { textGuard } from '../guards/text.ts';
import { upgradeGuard } from '../guards/upgrade.ts';
import { wafGuard } from '../guards/waf.ts';
import type { BucketStore } from '../limits/bucket-store.ts';
import { credentialBudget } from '../limits/credential-budget.ts';
import { type AddressRange, parseRange } from '../net/address.ts';
import type { QuotaCounter } from '../limits/quota.ts';
import type { Owners } from '../ownership/owners.ts';
import type { ValueInspector } from '../waf/inspect-value.ts';
import { wafInspector } from '../waf/waf.ts';
import { originJudge } from './origins.ts';
import type { KeysPolicy, Policy, RouteLimit, RoutePolicy } from './policy.ts';

/** The ports that guards ask. */
export interface GuardDeps {
  readonly authenticator: Authenticator;
  readonly buckets: BucketStore;
  readonly owners: Owners;
  readonly blocks: BlockBook;
  readonly bursts: BurstMeter;
  readonly quotas: QuotaCounter;
}

/** What a route's guards need to know beside the route. */
export interface RouteSurroundings {
  /** Every method that some route of the same path takes. */
  readonly methods: readonly string[];
  /** Whether ownership isolates objects of the route's upstream. */
  readonly isIsolated: boolean;
}

/** Puts a route's guards together, in phase order. */
export interface GuardMaker {
  guardsFor(route: RoutePolicy, surroundings: RouteSurroundings): readonly Guard[];
  /** Guards of a path that only looks like one of this route to a lax server (T9). */
  spellingGuardsFor(route: RoutePolicy): readonly Guard[];
}

interface Parts {
  readonly policy: Policy;
  readonly deps: GuardDeps;
  /** For every route alike. */
  readonly screen: readonly Guard[];
  /** One for all routes: credentials under way are known across them. */
  readonly judge: CredentialJudge;
  readonly blocks: BlockGuardOptions;
  /** Compiled when the first route asks: a gate without inspection pays nothing for it. */
  readonly inspector: () => ValueInspector;
}

/** Compiles what the guards of all routes share. */
export function guardMaker(policy: Policy, deps: GuardDeps): GuardMaker {
  const budget = credentialBudget(policy.limits.credentials, deps.buckets);
  const judge = credentialJudge({ authenticator: deps.authenticator, budget });
  const blocks = { blocks: deps.blocks, allow: rangesOf(policy.blocks.allow) };
  const parts = { policy, deps, screen: commonGuards(policy), judge, blocks, inspector: once(wafInspector) };
  return {
    guardsFor: (route, surroundings) => guardsFor(parts, route, surroundings),
    spellingGuardsFor: (route) => [...parts.screen, route.deny ? routeDeniedGuard(route) : spellingGuard(route)],
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function commonGuards({ screen }: Policy): readonly Guard[] {
  const lists = { allow: rangesOf(screen.allowAddresses), deny: rangesOf(screen.denyAddresses) };
  const hasLists = screen.allowAddresses.length > 0 || screen.denyAddresses.length > 0;
  return [...(hasLists ? [addressGuard(lists)] : []), sensitivePathGuard(screen.sensitivePaths)];
}

function rangesOf(texts: readonly string[]): readonly AddressRange[] {
  return texts.map(parseRange).filter((range) => range !== undefined);
}

function guardsFor(parts: Parts, route: RoutePolicy, surroundings: RouteSurroundings): readonly Guard[] {
  if (route.deny) return [...parts.screen, routeDeniedGuard(route)];
  const credentials = route.access === 'public' ? undefined : credentialOptions(parts, route);
  const identify = credentials === undefined ? undefined : authenticateGuard(credentials);
  const common = identify === undefined ? parts.screen : parts.screen.map((guard) => attributed(guard, identify));
  const guards = [
    ...common,
    ...screenGuards(parts, route, { ...surroundings, credentials }),
    ...burstGuards(parts, route),
    ...limitGuards(parts, route),
    ...(identify === undefined ? [] : [identify, callerBlockGuard(parts.blocks)]),
    ...accessGuards(parts, route, surroundings),
    ...inspectGuards(parts, route),
  ];
  return PHASES.flatMap((phase) => guards.filter((guard) => guard.phase === phase));
}

function inspectGuards({ inspector }: Parts, { guards }: RoutePolicy): readonly Guard[] {
  const { text, schema, waf } = guards;
  return [
    ...(text === undefined || text.mode === 'off' ? [] : [textGuard(text)]),
    ...(schema === undefined || schema.mode === 'off' ? [] : [schemaGuard(schema)]),
    ...(waf === undefined || waf.mode === 'off' ? [] : [wafGuard(waf, inspector())]),
  ];
}

function burstGuards({ policy, deps }: Parts, { access }: RoutePolicy): readonly Guard[] {
  const { burst } = policy.limits;
  return burst.mode === 'off' ? [] : [burstGuard(burst, deps.bursts, access === 'public')];
}

function screenGuards(
  { policy, blocks }: Parts,
  route: RoutePolicy,
  { methods, credentials }: RouteSurroundings & { readonly credentials: AuthenticateOptions | undefined },
): readonly Guard[] {
  const cors = route.cors ?? policy.cors;
  return [
    // Before what may refuse, so that pages of listed origins can read why.
    corsGuard({ cors, origins: originJudge(policy.origins, cors), methods }),
    ...(route.isOpenToBlocked === true ? [] : [addressBlockGuard(blocks, credentials)]),
    methodGuard(route, methods),
    ...(route.websocket ? [] : [upgradeGuard(route)]),
    bodySizeGuard(route),
  ];
}

function limitGuards({ policy, deps }: Parts, route: RoutePolicy): readonly Guard[] {
  const limits = (route.limits ?? defaultLimits(policy, route)).map((limit) => effective(limit, route));
  // In the order in which they run: what is counted per address comes before the caller is known.
  const ordered = [...limits.filter(({ per }) => per === 'address'), ...limits.filter(({ per }) => per !== 'address')];
  const guards = ordered.map((limit, at) => {
    const isAlone = limits.filter(({ per }) => per === limit.per).length === 1;
    return limitGuard({
      limit,
      name: isAlone ? limit.per : `${limit.per}-${limit.text}`,
      scope: route.limits === undefined ? 'general' : `${route.path} ${route.methods?.join() ?? ''}`,
      buckets: deps.buckets,
      isLast: at === ordered.length - 1,
      exceptKeys: route.limits === undefined,
    });
  });
  if (!isAccepted(route.access, 'key')) return guards;
  const ofKeys = route.limits === undefined ? [keyLimitGuard(policy.keys, deps.buckets)] : [];
  // What the gate itself tells a key costs no quota: a key that has none left can still ask.
  const isCounted = route.upstream !== undefined && hasQuotas(policy.keys);
  return [...guards, ...ofKeys, ...(isCounted ? [quotaGuard(policy.keys, deps.quotas)] : [])];
}

function hasQuotas({ quotas }: KeysPolicy): boolean {
  return [quotas.others, ...Object.values(quotas.tenants)].some(({ key, tenant }) => (key ?? tenant) !== undefined);
}

/** A route for keys alone has theirs *instead*. */
function defaultLimits({ limits }: Policy, { access }: RoutePolicy): readonly RouteLimit[] {
  return access === 'key' ? [] : [limits.general];
}

/** Nobody is known on a public route: the address counts, and before anything else is done. */
function effective(limit: RouteLimit, route: RoutePolicy): RouteLimit {
  return route.access === 'public' && limit.per === 'principal' ? { ...limit, per: 'address' } : limit;
}

function accessGuards(
  { policy, deps }: Parts,
  route: RoutePolicy,
  { isIsolated }: RouteSurroundings,
): readonly Guard[] {
  const isPublic = route.access === 'public';
  const isOwn = route.upstream === undefined;
  return [
    ...(isPublic || route.permission === undefined ? [] : [permissionGuard(route.permission, route)]),
    ...(isPublic || isOwn ? [] : [tenantGuard()]),
    ...(isIsolated ? [ownershipGuard({ owners: deps.owners })] : []),
    ...csrfGuards({ policy, deps }, route),
  ];
}

/** Which credentials a route takes. */
function credentialOptions({ policy, judge }: Parts, route: RoutePolicy): AuthenticateOptions {
  const { environment, audience, keys } = policy;
  return {
    judge,
    cookies: cookieNames(environment, audience),
    access: route.access,
    keyPrefix: keys.prefix,
    keyEnvironments: route.keyEnvironments ?? keys.environments,
  };
}

/** A public upstream route judges no credential and our cookies stop at the gate: there is nothing to forge. */
function csrfGuards({ policy, deps }: Pick<Parts, 'policy' | 'deps'>, route: RoutePolicy): readonly Guard[] {
  const isPublic = route.access === 'public';
  if (isPublic && route.csrf === 'origin-or-token') return [];
  const origins = originJudge(policy.origins, route.cors ?? policy.cors);
  const isCsrfToken = (sessionId: string, token: string) => deps.authenticator.isCsrfToken(sessionId, token);
  return [csrfGuard({ csrf: route.csrf, isPublic, origins, isCsrfToken })];
}
