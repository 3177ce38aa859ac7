import type { RoutePolicy, RouteWaf } from '@steadygate/core';

import type { Config } from './schema.ts';

type ConfigRoute = Config['routes'][number];
type ConfigWaf = NonNullable<Config['guards']['waf']>;

const THRESHOLD = 5;
const DAY_MS = 86_400_000;

/** How a route's content is inspected: its own settings before those of all routes. */
export function routeGuards(route: ConfigRoute, { guards, routes }: Config): Pick<RoutePolicy, 'guards'> {
  const own = route.guards.waf;
  const shared = guards.waf;
  if (own === undefined && shared === undefined) return { guards: {} };
  const settings: RouteWaf = {
    mode: own?.mode ?? shared?.mode ?? 'enforce',
    threshold: own?.threshold ?? shared?.threshold ?? THRESHOLD,
    classThresholds: shared?.classes ?? {},
    fields: (shared?.fields ?? []).filter((entry) => isFor(entry, route)),
    exceptions: toExceptions(shared?.exceptions ?? [], route),
    config: own === undefined ? 'guards.waf' : `routes[${String(routes.indexOf(route))}].guards.waf`,
  };
  return { guards: { waf: settings } };
}

function isFor({ route }: { readonly route?: string | undefined }, { path }: ConfigRoute): boolean {
  return route === undefined || route === path;
}

function toExceptions(exceptions: ConfigWaf['exceptions'], route: ConfigRoute): RouteWaf['exceptions'] {
  return exceptions.flatMap((exception, at) => {
    if (!isFor(exception, route)) return [];
    const { rule, field, reason, expires } = exception;
    const untilMs = expires === undefined ? {} : { untilMs: Date.parse(`${expires}T00:00:00Z`) + DAY_MS };
    return [{ rule, field, reason, ...untilMs, config: `guards.waf.exceptions[${String(at)}]` }];
  });
}
