import { FORWARDED_METHODS } from './methods.ts';
import { comparePatterns, foldPattern, parsePattern, type Pattern, patternKey } from './pattern.ts';
import type { RoutePolicy } from './policy.ts';

/** The routes of one pattern: they differ in their methods. */
export interface RouteGroup {
  readonly pattern: Pattern;
  readonly folded: Pattern;
  readonly routes: readonly RoutePolicy[];
  /** Answers methods that no route lists: a denied one only where all are. */
  readonly leading: RoutePolicy;
  /** What some route takes, in the order HTTP lists them. */
  readonly methods: readonly string[];
}

/** Groups routes by pattern, most specific first. Routes with a broken pattern are left out: they are problems. */
export function groupRoutes(routes: readonly RoutePolicy[]): readonly RouteGroup[] {
  const parsed = routes.flatMap((route) => {
    const pattern = parsePattern(route.path);
    return 'message' in pattern ? [] : [{ route, pattern }];
  });
  const byKey = Map.groupBy(parsed, ({ pattern }) => patternKey(pattern));
  const groups = [...byKey.values()].flatMap((same) => same.slice(0, 1).map((first) => groupOf(first, same)));
  return groups.toSorted((a, b) => comparePatterns(a.pattern, b.pattern));
}

interface Parsed {
  readonly route: RoutePolicy;
  readonly pattern: Pattern;
}

function groupOf({ pattern, route: first }: Parsed, same: readonly Parsed[]): RouteGroup {
  const routes = same.map(({ route }) => route);
  const methods = FORWARDED_METHODS.filter((method) => routes.some((route) => methodsOf(route).includes(method)));
  const leading = routes.find(({ deny }) => !deny) ?? first;
  return { pattern, folded: foldPattern(pattern), routes, leading, methods };
}

/** The methods that a route takes. */
export function methodsOf(route: RoutePolicy): readonly string[] {
  return route.methods ?? FORWARDED_METHODS;
}
