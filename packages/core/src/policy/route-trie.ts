import type { Pattern } from './pattern.ts';

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  any: Node<T> | undefined;
  end: T | undefined;
  below: T | undefined;
}

/** Finds the most specific pattern of a path in time that grows with the path, not with the number of patterns. */
export interface RouteTrie<T> {
  /** The entry of the first matching pattern in `comparePatterns()` order; undefined when none matches. */
  find(path: string): T | undefined;
}

/** Compiles patterns. Of two with the same `patternKey()` the first one counts. */
export function routeTrie<T>(entries: readonly { readonly pattern: Pattern; readonly value: T }[]): RouteTrie<T> {
  const root = emptyNode<T>();
  for (const { pattern, value } of entries) insert(root, pattern, value);
  return { find: (path) => find(root, path, 1) };
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), any: undefined, end: undefined, below: undefined };
}

function insert<T>(root: Node<T>, pattern: Pattern, value: T): void {
  let node = root;
  for (const segment of pattern.segments) {
    node = segment === 'any' ? (node.any ??= emptyNode<T>()) : child(node, segment.literal);
  }
  if (pattern.below) node.below ??= value;
  else node.end ??= value;
}

function child<T>(node: Node<T>, literal: string): Node<T> {
  const known = node.literals.get(literal);
  if (known !== undefined) return known;
  const created = emptyNode<T>();
  node.literals.set(literal, created);
  return created;
}

/** Every node stands at one depth, so backtracking visits each at most once: no path makes it exponential. */
function find<T>(node: Node<T>, path: string, from: number): T | undefined {
  if (from > path.length) return node.end ?? node.below;
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const literal = node.literals.get(path.slice(from, end));
  const exact = literal === undefined ? undefined : find(literal, path, end + 1);
  if (exact !== undefined) return exact;
  const named = node.any === undefined || end === from ? undefined : find(node.any, path, end + 1);
  return named ?? node.below;
}
