import { sensitiveSegment } from '../guards/sensitive-path.ts';
import { PLATFORM_AREAS } from '../access.ts';
import { type Pattern, patternKey } from './pattern.ts';
import type { RoutePolicy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';
import { methodsOf, type RouteGroup } from './route-groups.ts';

/** What loads and is probably not meant. */
export function policyWarnings(
  groups: readonly RouteGroup[],
  isIsolated: (upstream: string) => boolean,
): readonly PolicyProblem[] {
  const served = groups.map((group) => ({ group, routes: group.routes.filter(({ deny }) => !deny) }));
  return [
    ...served.flatMap(({ group, routes }) => routes.flatMap((route) => routeWarnings(route, group, isIsolated))),
    ...sameFoldWarnings(groups),
  ];
}

function routeWarnings(
  route: RoutePolicy,
  { pattern }: RouteGroup,
  isIsolated: (upstream: string) => boolean,
): readonly PolicyProblem[] {
  const sensitive = sensitiveSegment(patternKey(pattern));
  return [
    ...(sensitive === undefined ? [] : [neverServed(route, sensitive)]),
    ...(route.websocket && !methodsOf(route).includes('GET') ? [noUpgrade(route)] : []),
    ...(isWidePublic(route, pattern) && isIsolated(`${route.upstream}`) ? [widePublic(route)] : []),
    ...platformWarnings(route),
  ];
}

function isWidePublic({ access }: RoutePolicy, { below }: Pattern): boolean {
  return access === 'public' && below;
}

function neverServed({ config }: RoutePolicy, segment: string): PolicyProblem {
  const message = `the route never matches: paths with "${segment}" are refused as sensitive`;
  return { config: `${config}.path`, message, hint: 'remove the route, or rename what it serves' };
}

function noUpgrade({ config }: RoutePolicy): PolicyProblem {
  return {
    config: `${config}.websocket`,
    message: 'an upgrade is a GET, which the route does not take',
    hint: 'add GET to methods',
  };
}

function widePublic({ config, upstream }: RoutePolicy): PolicyProblem {
  const message = `everything below is public, and objects of upstream ${upstream} belong to users`;
  return { config: `${config}.access`, message, hint: 'open single paths, or write access: session' };
}

function platformWarnings({ permission, config }: RoutePolicy): readonly PolicyProblem[] {
  const area = PLATFORM_AREAS.find((platform) =>
    Object.values(permission ?? {}).some((text) => text.startsWith(`${platform}:`)),
  );
  if (area === undefined) return [];
  const message = `nobody who may use applications holds permissions of area ${area}`;
  return [{ config: `${config}.permission`, message, hint: 'the area belongs to the platform: choose another name' }];
}

/** A server that ignores case or a final slash would apply the weaker of the two. */
function sameFoldWarnings(groups: readonly RouteGroup[]): readonly PolicyProblem[] {
  const byFold = Map.groupBy(groups, ({ folded }) => patternKey(folded));
  return [...byFold.values()].flatMap((same) => same.slice(0, 1).flatMap((first) => differentlyProtected(first, same)));
}

function differentlyProtected(first: RouteGroup, same: readonly RouteGroup[]): readonly PolicyProblem[] {
  return same
    .filter((other) => protection(other) !== protection(first))
    .map(({ pattern, leading }) => ({
      config: `${leading.config}.path`,
      message: `${pattern.text} and ${first.pattern.text} may be one resource to the upstream, and are protected differently`,
      hint: 'give both the same access and permission',
    }));
}

function protection({ routes }: RouteGroup): string {
  return JSON.stringify(routes.map(({ access, deny, permission, methods }) => [access, deny, permission, methods]));
}
