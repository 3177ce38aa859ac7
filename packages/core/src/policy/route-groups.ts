import { FORWARDED_METHODS } from './methods.ts';
import { comparePatterns, foldPattern, parsePattern, type Pattern, patternKey } from './pattern.ts';
import type { RoutePolicy } from './policy.ts';

/** The routes of one pattern: they differ in their methods. */
export interface RouteGroup {
  readonly pattern: Pattern;
  readonly folded: Pattern;
  readonly routes: readonly RoutePolicy[];
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
  const groups = [...byKey.values()].flatMap(([first, ...rest]) => {
    return first === undefined
      ? []
      : [
          groupOf(
            first.pattern,
            [first, ...rest].map(({ route }) => route),
          ),
        ];
  });
  return groups.toSorted((a, b) => comparePatterns(a.pattern, b.pattern));
}

function groupOf(pattern: Pattern, routes: readonly RoutePolicy[]): RouteGroup {
  const methods = FORWARDED_METHODS.filter((method) => routes.some((route) => methodsOf(route).includes(method)));
  return { pattern, folded: foldPattern(pattern), routes, methods };
}

/** The methods that a route takes. */
export function methodsOf(route: RoutePolicy): readonly string[] {
  return route.methods ?? FORWARDED_METHODS;
}
