import type { Api, ApiMatch, ApiOperation } from './api.ts';
import { compareTemplates, matchTemplate, type PathTemplate } from './path-template.ts';

/** An operation and its path, read. */
export interface TemplatedOperation {
  readonly template: PathTemplate;
  readonly operation: ApiOperation;
}

interface Entry {
  readonly template: PathTemplate;
  readonly byMethod: ReadonlyMap<string, ApiOperation>;
}

/** Puts operations together so that a request finds its own: literal paths before templates (OpenAPI 3.1 §4.8.8.2). */
export function apiOf(file: string, operations: readonly TemplatedOperation[]): Api {
  const byPath = Map.groupBy(operations, ({ template }) => template.text);
  const entries = [...byPath.values()].flatMap(entryOf);
  const isLiteral = ({ template }: Entry): boolean => template.names.length === 0;
  const literal = new Map(entries.filter(isLiteral).map((entry) => [pathText(entry.template), entry]));
  const templated = Map.groupBy(
    entries.filter((entry) => !isLiteral(entry)).toSorted((a, b) => compareTemplates(a.template, b.template)),
    ({ template }) => template.segments.length,
  );
  return {
    file,
    operations: operations.map(({ operation }) => operation),
    find(method, path) {
      const exact = literal.get(path);
      if (exact !== undefined) return matched(exact, method, {});
      const segments = path.slice(1).split('/');
      for (const entry of templated.get(segments.length) ?? []) {
        const values = matchTemplate(entry.template, segments);
        if (values !== undefined) return matched(entry, method, values);
      }
      return { kind: 'no path' };
    },
  };
}

function entryOf(same: readonly TemplatedOperation[]): readonly Entry[] {
  const byMethod = new Map(same.map(({ operation }) => [operation.method, operation]));
  return same.slice(0, 1).map(({ template }) => ({ template, byMethod }));
}

function pathText({ segments }: PathTemplate): string {
  return `/${segments.map((segment) => segment.join('')).join('/')}`;
}

function matched({ byMethod }: Entry, method: string, values: Readonly<Record<string, string>>): ApiMatch {
  // RFC 9110 §9.3.2: HEAD is GET without the content.
  const operation = byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined);
  if (operation !== undefined) return { kind: 'operation', operation, values };
  return { kind: 'no method', methods: [...byMethod.keys()] };
}
