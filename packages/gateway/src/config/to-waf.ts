import type { RouteWaf } from '@steadygate/core';

import type { Config } from './schema.ts';

type ConfigRoute = Config['routes'][number];
type ConfigWaf = NonNullable<Config['guards']['waf']>;

const DEFAULTS: Pick<RouteWaf, 'mode' | 'threshold'> = { mode: 'enforce', threshold: 5 };
const DAY_MS = 86_400_000;

/** How a route's content is inspected: its own settings before those of all routes. */
export function toRouteWaf(route: ConfigRoute, { guards, routes }: Config): RouteWaf | undefined {
  const own = route.guards.waf;
  const shared = guards.waf;
  if (own === undefined && shared === undefined) return undefined;
  const { mode, threshold } = { ...DEFAULTS, ...given(shared), ...given(own) };
  const config = own === undefined ? 'guards.waf' : `routes[${String(routes.indexOf(route))}].guards.waf`;
  return { mode, threshold, ...ofAllRoutes(shared, route), config };
}

/** What a section says itself, without what it leaves open. */
function given(
  section: Pick<ConfigWaf, 'mode' | 'threshold'> | ConfigRoute['guards']['waf'],
): Partial<typeof DEFAULTS> {
  const { mode, threshold } = section ?? {};
  return { ...(mode === undefined ? {} : { mode }), ...(threshold === undefined ? {} : { threshold }) };
}

/** What only the settings of all routes hold. */
function ofAllRoutes(shared: ConfigWaf | undefined, route: ConfigRoute) {
  if (shared === undefined) return { classThresholds: {}, fields: [], exceptions: [] };
  const fields = shared.fields.filter((entry) => isFor(entry, route));
  return { classThresholds: shared.classes, fields, exceptions: toExceptions(shared.exceptions, route) };
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
