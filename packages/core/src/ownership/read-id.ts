import type { Resource } from './operation.ts';

/** The id that a JSON value is, in its one spelling: a string of the grammar, or an integer that renders as one. */
export function readId(resource: Resource, value: unknown): string | undefined {
  const id = spell(value);
  return id !== undefined && resource.isId(id) ? id : undefined;
}

/** A value that could be an id, as text; undefined for every other type. */
export function spell(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  // Beyond 2^53 two readers may see two numbers; -0 has two spellings.
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
}
