import { configJsonSchema } from './schema.ts';

type Node = Readonly<Record<string, unknown>>;

/** The keys that the schema knows at a path; empty where the operator chooses the names. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let nodes: readonly Node[] = [configJsonSchema()];
  for (const segment of path) nodes = nodes.flatMap(branches).flatMap((node) => child(node, segment));
  return nodes.flatMap(branches).flatMap((node) => Object.keys(asNode(node['properties']) ?? {}));
}

/** A node itself, or the alternatives it consists of. */
export function branches(node: Node): readonly Node[] {
  const alternatives = node['anyOf'];
  if (!Array.isArray(alternatives)) return [node];
  return alternatives
    .map(asNode)
    .filter((branch) => branch !== undefined)
    .flatMap(branches);
}

function child(node: Node, segment: PropertyKey): readonly Node[] {
  const named = typeof segment === 'number' ? node['items'] : asNode(node['properties'])?.[String(segment)];
  const found = asNode(named) ?? asNode(node['additionalProperties']);
  return found === undefined ? [] : [found];
}

/** A JSON Schema node is an object; `additionalProperties: false` is none. */
export function asNode(value: unknown): Node | undefined {
  // Any object can be read by name; what it holds is unknown until looked at.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : undefined;
}
