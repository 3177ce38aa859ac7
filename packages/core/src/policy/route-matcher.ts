import { foldPath, foldSegments } from '../canonical/path.ts';
import type { OperationTable } from '../ownership/compile.ts';
import type { GuardMaker } from './guards-for.ts';
import { type Pattern, patternKey } from './pattern.ts';
import type { RoutePolicy } from './policy.ts';
import { isReservedPath } from './reserved.ts';
import { methodsOf, type RouteGroup } from './route-groups.ts';
import { routeTrie } from './route-trie.ts';
import type { RouteMatch } from './route.ts';

/** One route with its precomputed matches. */
export interface CompiledRoute {
  readonly policy: RoutePolicy;
  /** Set when ownership must be asked for the operation. */
  readonly isolatedUpstream: string | undefined;
  readonly match: RouteMatch;
  /** For a path that only looks like one of this route to a lax server (T9). */
  readonly misspelt: RouteMatch;
}

/** The routes of one pattern, ready to match. */
export interface CompiledGroup {
  readonly pattern: Pattern;
  readonly folded: Pattern;
  /** Place in the table: a lower rank is more specific. */
  readonly rank: number;
  readonly routes: readonly CompiledRoute[];
  readonly byMethod: ReadonlyMap<string, CompiledRoute>;
  /** What answers a method that no route lists: its `method` guard says 405, its `cors` guard answers OPTIONS. */
  readonly otherwise: CompiledRoute;
  readonly isDenied: boolean;
  readonly isGuarded: boolean;
}

/** What compiling a group needs. */
export interface CompileContext {
  readonly maker: GuardMaker;
  readonly isIsolated: (upstream: string) => boolean;
}

/** Compiles the routes of one pattern with their guards. */
export function compileGroup(group: RouteGroup, rank: number, context: CompileContext): CompiledGroup {
  const routes = group.routes.map((policy) => compileRoute(policy, group, context));
  const byMethod = new Map(
    routes.flatMap((route) => methodsOf(route.policy).map((method) => [method, route] as const)),
  );
  const isDenied = group.routes.some(({ deny }) => deny);
  return {
    pattern: group.pattern,
    folded: group.folded,
    rank,
    routes,
    byMethod,
    otherwise: compileRoute(group.leading, group, context),
    isDenied,
    isGuarded: isDenied || group.routes.some(({ access }) => access !== 'public'),
  };
}

function compileRoute(policy: RoutePolicy, group: RouteGroup, { maker, isIsolated }: CompileContext): CompiledRoute {
  const isolatedUpstream = policy.upstream !== undefined && isIsolated(policy.upstream) ? policy.upstream : undefined;
  const surroundings = { methods: group.methods, isIsolated: isolatedUpstream !== undefined };
  const match = { route: { policy, guards: maker.guardsFor(policy, surroundings) }, operation: undefined };
  const misspelt = { route: { policy, guards: maker.spellingGuardsFor(policy) }, operation: undefined };
  return { policy, isolatedUpstream, match, misspelt };
}

/** The gate's own groups and the configured ones, each most specific first. */
export interface CompiledGroups {
  readonly own: readonly CompiledGroup[];
  readonly configured: readonly CompiledGroup[];
}

/**
 * The function that finds the route of a canonical method and path.
 *
 * A path is matched as it is spelt and as lax servers could read it; where such a reading is denied or more specific and
 * guarded, a broader route must not serve it (T9).
 */
export function routeMatcher(
  { own, configured }: CompiledGroups,
  operations: OperationTable,
): (method: string, path: string) => RouteMatch | undefined {
  const findOwn = groupFinder(own);
  const findConfigured = groupFinder(configured);
  return (method, path) => {
    const folded = foldPath(path);
    // T3: a reserved prefix is served by the gate's own routes alone, whatever its spelling.
    const found = isReservedPath(folded) ? findOwn(path, folded) : findConfigured(path, folded);
    if (found === undefined) return undefined;
    const route = found.group.byMethod.get(method) ?? found.group.otherwise;
    if (found.isMisspelt) return route.misspelt;
    if (route.isolatedUpstream === undefined || method === 'OPTIONS') return route.match;
    return { route: route.match.route, operation: operations.match(route.isolatedUpstream, method, path) };
  };
}

interface FoundGroup {
  readonly group: CompiledGroup;
  readonly isMisspelt: boolean;
}

function groupFinder(groups: readonly CompiledGroup[]): (path: string, folded: string) => FoundGroup | undefined {
  const found = new Map(groups.map((group) => [group, { group, isMisspelt: false }]));
  const exact = routeTrie(groups.map((value) => ({ pattern: value.pattern, value })));
  const lookalikes = Map.groupBy(groups, ({ folded }) => patternKey(folded));
  const lax = routeTrie(
    [...lookalikes.values()].flatMap((value) => value.slice(0, 1).map(({ folded }) => ({ pattern: folded, value }))),
  );
  // Where all patterns are folded, a folded path reads the same in both tries.
  const areFolded = groups.every(({ pattern, folded }) => patternKey(pattern) === patternKey(folded));
  return (path, folded) => {
    const group = exact.find(path);
    if (areFolded && path === folded) return group && found.get(group);
    const readings = [folded, foldSegments(path)].map((reading) => lax.find(reading) ?? []);
    const others = readings.filter((read) => group === undefined || !read.includes(group)).flat();
    const refuses = others.find((other) => isProtectedFrom(other, group));
    if (refuses !== undefined) return { group: refuses, isMisspelt: true };
    return group && found.get(group);
  };
}

/** Whether requests that a lax server reads as `lookalike` must not be served by `group`. */
function isProtectedFrom(lookalike: CompiledGroup, group: CompiledGroup | undefined): boolean {
  if (lookalike.isDenied) return true;
  return lookalike.isGuarded && (group === undefined || lookalike.rank < group.rank);
}
