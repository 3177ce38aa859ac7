import { foldPath } from '../canonical/path.ts';
import type { OwnershipPolicy } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import { contradictions } from './consistency.ts';
import { type Declaration, readDeclarations } from './declarations.ts';
import type { Operation } from './operation.ts';
import { merge } from './merge.ts';
import { matchesFolded, matchesPath, splitPath } from './path-pattern.ts';

/** One declaration as `check --table` prints it. */
export interface OperationRow {
  readonly upstream: string;
  readonly resource: string;
  /** `*` for every method. */
  readonly method: string;
  readonly path: string;
  readonly kind: Declaration['facts']['kind'];
  readonly config: string;
}

/** What ownership declares, ready to be asked. */
export interface OperationTable {
  /** Undefined: that upstream isolates nothing. `path` is canonical. */
  match(upstream: string, method: string, path: string): Operation | 'undeclared' | undefined;
  isIsolated(upstream: string): boolean;
  rows(): readonly OperationRow[];
}

/**
 * Compiles what the configuration declares of objects, or tells everything that is wrong with it.
 *
 * An operation of an isolated upstream that no line declares is `undeclared` (T6), and so is a path that a lenient
 * server could take for one with other declarations (T9).
 */
export function compileOperations(
  ownership: readonly OwnershipPolicy[],
): { ok: true; operations: OperationTable } | { ok: false; problems: readonly PolicyProblem[] } {
  const read = ownership.map(readDeclarations);
  const byUpstream = Map.groupBy(
    read.flatMap(({ declarations }) => declarations),
    ({ resource }) => resource.upstream,
  );
  const problems = [
    ...read.flatMap((each) => each.problems),
    ...ownership.flatMap((policy, at) => ofWhole(policy, ownership.slice(0, at))),
    ...[...byUpstream.values()].flatMap(contradictions),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, operations: tableOf(byUpstream, new Set(ownership.map(({ upstream }) => upstream))) };
}

function ofWhole(policy: OwnershipPolicy, before: readonly OwnershipPolicy[]): readonly PolicyProblem[] {
  const { config, upstream, resource } = policy;
  const twin = before.find((other) => other.upstream === upstream && other.resource === resource);
  if (twin !== undefined) {
    const message = `Resource "${resource}" of "${upstream}" is declared twice: also by ${twin.config}.`;
    return [{ config, message, hint: 'Keep its declarations together.' }];
  }
  const isUsed = policy.guards.length > 0 || Object.keys(policy.ids).length > 0;
  const hasObjects = Object.keys(policy.creates).length > 0 || Object.keys(policy.lists).length > 0;
  if (isUsed || !hasObjects) return [];
  const hint = 'Add the paths of single objects to guards: /api/chats/{id}/**.';
  return [{ config, message: `Objects of "${resource}" are created or listed, and nothing guards them.`, hint }];
}

function tableOf(
  byUpstream: ReadonlyMap<string, readonly Declaration[]>,
  isolated: ReadonlySet<string>,
): OperationTable {
  const all = [...byUpstream.values()].flat();
  return {
    match(upstream, method, path) {
      if (!isolated.has(upstream)) return undefined;
      return matchOperation(byUpstream.get(upstream) ?? [], method, path);
    },
    isIsolated: (upstream) => isolated.has(upstream),
    rows: () => all.map(toRow),
  };
}

function matchOperation(declarations: readonly Declaration[], method: string, path: string): Operation | 'undeclared' {
  const segments = splitPath(path);
  const folded = splitPath(foldPath(path));
  const matched: Declaration[] = [];
  for (const declaration of declarations) {
    const isMatch = matchesPath(declaration.pattern, segments);
    // T9: the gate and a lenient server must see the same declarations, whatever the method.
    if (isMatch !== matchesFolded(declaration.pattern, folded)) return 'undeclared';
    if (isMatch && appliesTo(declaration, method)) matched.push(declaration);
  }
  return matched.length === 0 ? 'undeclared' : merge(matched, segments);
}

const LIKE_GET: readonly string[] = ['ids', 'lists', 'unowned'];

function appliesTo(declaration: Declaration, method: string): boolean {
  if (declaration.method === '*' || declaration.method === method) return true;
  // HEAD derives from the filtered GET (T8).
  return method === 'HEAD' && declaration.method === 'GET' && LIKE_GET.includes(declaration.facts.kind);
}

function toRow({ resource, method, pattern, facts, config }: Declaration): OperationRow {
  return { upstream: resource.upstream, resource: resource.name, method, path: pattern.text, kind: facts.kind, config };
}
