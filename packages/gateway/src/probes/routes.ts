import type { RoutePolicy, TableRow } from '@steadygate/core';
import type { Generation } from '../proxy/generation.ts';

/** A request that a route of the table matches. */
export interface RouteSample {
  readonly row: TableRow;
  readonly method: string;
  readonly path: string;
}

/** One sample of every route that is neither open nor refused. */
export function guardedRoutes(generation: Generation): readonly RouteSample[] {
  return generation.table.rows().flatMap((row) => {
    if (row.access === 'public' || row.access === 'deny') return [];
    return [{ row, method: firstMethod(row), path: concrete(row.path) }];
  });
}

/** The policy of every configured route that is served. */
export function configuredRoutes(generation: Generation): readonly RoutePolicy[] {
  return generation.table.rows().flatMap((row) => {
    if (row.access === 'deny' || row.upstream === '-') return [];
    const policy = generation.table.match(firstMethod(row), concrete(row.path))?.route.policy;
    return policy === undefined ? [] : [policy];
  });
}

function firstMethod({ methods }: TableRow): string {
  return methods === '*' ? 'GET' : (methods.split(',', 1)[0] ?? 'GET').trim();
}

/** A path that the pattern matches, and that names nothing that exists. */
function concrete(pattern: string): string {
  return pattern.replace(/\/\*\*$/, '/sg-probe').replaceAll(/\{\w+\}/g, 'sg-probe');
}

/** Guards that a route runs in another mode than `enforce`, as `guard on route`. */
export function unenforced(generation: Generation, guards: readonly string[]): readonly string[] {
  return generation.table.rows().flatMap((row) => {
    if (row.access === 'deny') return [];
    const match = generation.table.match(firstMethod(row), concrete(row.path));
    const found = (match?.route.guards ?? []).filter(
      ({ id, mode = 'enforce' }) => guards.includes(id) && mode !== 'enforce',
    );
    return found.map(({ id, mode }) => `${id} is in mode ${mode} on ${row.path}`);
  });
}
