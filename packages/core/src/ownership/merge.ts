import type { Declaration } from './declarations.ts';
import type { Operation } from './operation.ts';

/** Mutable only while declarations are merged. */
type Draft = { -readonly [Key in keyof Operation]: Operation[Key] };

/**
 * All that the matched declarations say of one request: ids add up, and every one of them must pass (T6).
 *
 * The path's own object, which a deletion deletes and a stream belongs to, is the last of `pathIds`.
 */
export function merge(declarations: readonly Declaration[], segments: readonly string[]): Operation {
  const draft: Draft = {
    pathIds: pathIds(declarations, segments),
    requestIds: [],
    creates: undefined,
    lists: [],
    deletes: false,
    events: undefined,
    messages: undefined,
    unowned: undefined,
  };
  for (const declaration of declarations) add(draft, declaration);
  return draft;
}

function add(draft: Draft, { facts, resource }: Declaration): void {
  switch (facts.kind) {
    case 'guards':
      return;
    case 'deletes':
      draft.deletes = true;
      return;
    case 'creates':
    case 'events':
      draft[facts.kind] = { resource, at: facts.at };
      return;
    case 'ids':
      draft.requestIds = [...draft.requestIds, ...facts.at.map((at) => ({ resource, at }))];
      return;
    case 'lists':
      draft.lists = [...draft.lists, ...facts.at.map((at) => ({ resource, at }))];
      return;
    case 'messages':
      draft.messages = facts.messages;
      return;
    case 'unowned':
      draft.unowned = facts.reason;
  }
}

function pathIds(declarations: readonly Declaration[], segments: readonly string[]): Operation['pathIds'] {
  const deleted = declarations.find(({ facts }) => facts.kind === 'deletes')?.resource;
  const guards = declarations.filter(({ facts }) => facts.kind === 'guards');
  const rank = ({ resource, pattern }: Declaration): number => (resource === deleted ? Infinity : (pattern.idAt ?? -1));
  return guards
    .toSorted((one, other) => rank(one) - rank(other) || 0)
    .map(({ resource, pattern }) => ({ resource, objectId: segments[pattern.idAt ?? -1] ?? '' }));
}
