import type { ValueShape } from '@steadygate/core';

import { type DocumentSet, isBlock, member, membersOf, type Node } from './document-set.ts';

const DEPTH_MAX = 4;
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf'];
const SAME_VALUE_ONE = ['then', 'else'];

/** The schemas that judge one value together: a schema, what it refers to, and what it combines. Ends on cycles. */
export function schemasOfValue(documents: DocumentSet, schema: Node): readonly Node[] {
  const found: Node[] = [];
  const seen = new Set<unknown>();
  const waiting = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!isBlock(next) || seen.has(next.value)) continue;
    seen.add(next.value);
    found.push(next);
    waiting.push(...combined(documents, next).toReversed());
  }
  return found;
}

function combined(documents: DocumentSet, schema: Node): readonly Node[] {
  const reference = member(schema, '$ref');
  const target = reference === undefined ? undefined : documents.target(reference);
  const lists = SAME_VALUE.flatMap((name) => membersOf(member(schema, name)).map(([, node]) => node));
  const single = SAME_VALUE_ONE.map((name) => member(schema, name));
  const dependent = membersOf(member(schema, 'dependentSchemas')).map(([, node]) => node);
  return [target, ...lists, ...single, ...dependent].filter((node) => node !== undefined);
}

/** Whether some schema of the value lists its properties: others are unknown then. */
export function listsProperties(schemas: readonly Node[]): boolean {
  return schemas.some((schema) =>
    ['properties', 'patternProperties'].some((name) => member(schema, name) !== undefined),
  );
}

/** Names of properties that have a mark, such as `readOnly`, in some schema of the value. */
export function markedProperties(documents: DocumentSet, schemas: readonly Node[], mark: string): ReadonlySet<string> {
  const properties = schemas.flatMap((schema) => membersOf(member(schema, 'properties')));
  const isMarked = (node: Node): boolean => {
    return schemasOfValue(documents, node).some((schema) => member(schema, mark)?.value === true);
  };
  return new Set(properties.filter(([, node]) => isMarked(node)).map(([name]) => name));
}

type Types = ValueShape['types'] extends ReadonlySet<infer Type> ? Type : never;

/** What a schema says of the kinds of values, to read text by it. */
export function shapeOf(documents: DocumentSet, schema: Node | undefined, depth = 0): ValueShape {
  if (schema === undefined || depth > DEPTH_MAX) return { types: new Set() };
  const schemas = schemasOfValue(documents, schema);
  const types = new Set(schemas.flatMap(typesOf));
  const items = schemas.map((each) => member(each, 'items')).find((node) => node !== undefined);
  const properties = schemas.flatMap((each) => membersOf(member(each, 'properties')));
  const additional = schemas.map((each) => member(each, 'additionalProperties')).find((node) => isOpen(node));
  const inner = (node: Node): ValueShape => shapeOf(documents, node, depth + 1);
  return {
    types: types.size === 0 && properties.length > 0 ? new Set(['object']) : types,
    ...(items === undefined ? {} : { items: inner(items) }),
    ...(properties.length === 0
      ? {}
      : { properties: Object.fromEntries(properties.map(([name, node]) => [name, inner(node)])) }),
    ...(additional === undefined ? {} : { additional: inner(additional) }),
  };
}

function isOpen(node: Node | undefined): boolean {
  return node !== undefined && node.value !== false;
}

function typesOf(schema: Node): readonly Types[] {
  const declared = [member(schema, 'type')?.value].flat();
  const nullable: Types[] = member(schema, 'nullable')?.value === true ? ['null'] : [];
  const named = declared.flatMap((type) => TYPE_NAMES.get(type) ?? []);
  const values = [member(schema, 'const'), ...membersOf(member(schema, 'enum')).map(([, node]) => node)];
  return named.length > 0
    ? [...named, ...nullable]
    : values.flatMap((node) => (node === undefined ? [] : [typeOf(node)]));
}

const TYPE_NAMES: ReadonlyMap<unknown, Types> = new Map<unknown, Types>([
  ['string', 'string'],
  ['number', 'number'],
  ['integer', 'number'],
  ['boolean', 'boolean'],
  ['null', 'null'],
  ['array', 'array'],
  ['object', 'object'],
]);

function typeOf({ value }: Node): Types {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (TYPE_NAMES.get(typeof value) ?? 'string');
}
