import { member, selectAll } from '../json/path.ts';
import type { JsonPath, Operation, Resource } from './operation.ts';
import { readId } from './read-id.ts';

/**
 * The id of the object that an answer says was created (T4, T5).
 *
 * Refused when it does not stand where it was declared or is not in the resource's spelling: what cannot be claimed
 * must not be answered.
 */
export function newObjectId(
  operation: Operation,
  answer: unknown,
): { ok: true; id: string } | { ok: false; rule: string } {
  const { creates } = operation;
  if (creates === undefined) return { ok: false, rule: 'creates nothing' };
  const [value] = selectAll(answer, creates.at);
  if (value === undefined) return { ok: false, rule: `no id at ${creates.at.text}` };
  const id = readId(creates.resource, value);
  if (id === undefined) return { ok: false, rule: `no ${creates.resource.name} id at ${creates.at.text}` };
  return { ok: true, id };
}

/** The ids in a list answer whose owners must be looked up, each once. */
export function listedIds(operation: Operation, answer: unknown): ReadonlyMap<Resource, readonly string[]> {
  const found = new Map<Resource, Set<string>>();
  for (const { resource, at } of operation.lists) {
    const ids = found.get(resource) ?? new Set<string>();
    found.set(resource, ids);
    for (const value of selectAll(answer, at)) {
      const id = readId(resource, value);
      if (id !== undefined) ids.add(id);
    }
  }
  return new Map([...found].map(([resource, ids]) => [resource, [...ids]]));
}

/**
 * A list answer without the objects of others: the innermost array element around a foreign or unreadable id goes.
 *
 * Undefined (no JSON value) when the whole answer must be withheld: a foreign id outside any array, or an answer that
 * is not of the declared shape. `null` counts as an empty list. Figures beside a list, such as a total, stay as they
 * are: an upstream that tells how many objects there are tells it to everybody.
 */
export function filterLists(
  operation: Operation,
  answer: unknown,
  owned: (resource: Resource, id: string) => boolean,
): unknown {
  let filtered = answer;
  for (const { resource, at } of operation.lists) {
    const isMine = (value: unknown): boolean => {
      const id = readId(resource, value);
      return id !== undefined && owned(resource, id);
    };
    filtered = prune(filtered, at.steps, isMine);
  }
  return filtered;
}

/** The value without foreign elements, or undefined when it belongs to an element that must go. */
function prune(value: unknown, steps: JsonPath['steps'], isMine: (value: unknown) => boolean): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return isMine(value) ? value : undefined;
  if (typeof step !== 'string') {
    if (value === null) return value;
    if (!Array.isArray(value)) return undefined;
    return value.map((item) => prune(item, rest, isMine)).filter((item) => item !== undefined);
  }
  const pruned = prune(member(value, step), rest, isMine);
  if (pruned === undefined) return undefined;
  // An object: `member` found something in it. Spreading copies `__proto__` as the data it is.
  return { ...(value as object), [step]: pruned };
}
