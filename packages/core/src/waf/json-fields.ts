import { type Place, placeText } from '../json/place.ts';
import type { Field, FieldVisitor } from './field.ts';
import { visitGraphql } from './graphql.ts';
import { isNameWorth } from './pairs.ts';

/** Visits every key and every string of a parsed document, at any depth and of any length. */
export function visitJson(document: unknown, visit: FieldVisitor): boolean {
  return walk(document, { step: undefined, name: '' }, visit);
}

/* Recursion is bounded: strict parsing refuses deep nesting. */
function walk(value: unknown, place: { step: Place | undefined; name: string }, visit: FieldVisitor): boolean {
  if (typeof value === 'string') return value !== '' && visitString(value, place, visit);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    const { step: parent, name } = place;
    return value.some((item: unknown, key) => walk(item, { step: { parent, key }, name }, visit));
  }
  for (const key of Object.keys(value)) {
    const step = { parent: place.step, key };
    if (isNameWorth(key) && visit(jsonField('name', keyText(key), { step, name: key }))) return true;
    // The key is the object's own.
    if (walk((value as Record<string, unknown>)[key], { step, name: key }, visit)) return true;
  }
  return false;
}

/** An operator is one as a key (`{"$ne": 1}`), not as a word. */
function keyText(key: string): string {
  return key.startsWith('$') ? `{${key}:` : key;
}

function visitString(value: string, place: { step: Place | undefined; name: string }, visit: FieldVisitor): boolean {
  if (place.name === 'query' && visitGraphql(value, place.name, visit) === 'document') return false;
  return visit(jsonField('json', value, place));
}

function jsonField(kind: 'json' | 'name', value: string, place: { step: Place | undefined; name: string }): Field {
  return { kind, name: place.name, value, path: () => `body:${placeText(place.step)}` };
}
