import { compileOperations, type OperationTable } from '../ownership/compile.ts';
import { type GuardDeps, type GuardMaker, guardMaker } from './guards-for.ts';
import { duplicateProblems, policyProblems, spellingProblems } from './policy-problems.ts';
import { policyWarnings } from './policy-warnings.ts';
import type { Policy, RoutePolicy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';
import { groupRoutes, type RouteGroup } from './route-groups.ts';
import { type CompiledGroup, compileGroup, routeMatcher } from './route-matcher.ts';
import { ownRouteProblems, routeProblems } from './route-problems.ts';
import type { RouteMatch } from './route.ts';
import { type TableRow, tableRows } from './table-rows.ts';

/** The whole policy, ready to be asked: which route a request matches, with its guards in order. Immutable. */
export interface GateTable {
  /** `method` and `path` are canonical. Undefined: nothing is served there. */
  match(method: string, path: string): RouteMatch | undefined;
  /** Guards × routes, most specific first: what `check --table` prints. */
  rows(): readonly TableRow[];
  /** What loads and is probably not meant. */
  readonly warnings: readonly PolicyProblem[];
}

/** A table, or everything that keeps the policy from loading. */
export type CompiledGate =
  | { readonly ok: true; readonly table: GateTable }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/**
 * Compiles a policy and the gate's own routes into the table that every request is matched against.
 *
 * `ownRoutes` lie under the reserved prefixes; configured routes never match there, in no spelling (T3).
 */
export function compileGate(policy: Policy, ownRoutes: readonly RoutePolicy[], deps: GuardDeps): CompiledGate {
  const own = groupRoutes(ownRoutes);
  const configured = groupRoutes(policy.routes);
  const ownership = compileOperations(policy.ownership);
  const problems = [
    ...ownRoutes.flatMap(ownRouteProblems),
    ...policy.routes.flatMap(routeProblems),
    ...policyProblems(policy),
    ...duplicateProblems([...own, ...configured]),
    ...spellingProblems(configured),
    ...(ownership.ok ? [] : ownership.problems),
  ];
  if (!ownership.ok || problems.length > 0) return { ok: false, problems };
  return { ok: true, table: tableOf({ own, configured, operations: ownership.operations }, guardMaker(policy, deps)) };
}

interface Groups {
  readonly own: readonly RouteGroup[];
  readonly configured: readonly RouteGroup[];
  readonly operations: OperationTable;
}

function tableOf({ own, configured, operations }: Groups, maker: GuardMaker): GateTable {
  const isIsolated = (upstream: string): boolean => operations.isIsolated(upstream);
  const compile = (group: RouteGroup, rank: number): CompiledGroup => compileGroup(group, rank, { maker, isIsolated });
  const compiled = { own: own.map(compile), configured: configured.map(compile) };
  const rows = tableRows([...compiled.own, ...compiled.configured]);
  return {
    match: routeMatcher(compiled, operations),
    rows: () => rows,
    warnings: policyWarnings(configured, isIsolated),
  };
}
