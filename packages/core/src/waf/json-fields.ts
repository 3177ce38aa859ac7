import { parseStrictJson } from '../json/parse.ts';
import { type Place as Step, placeText } from '../json/place.ts';
import type { Field, FieldVisitor } from './field.ts';
import { visitGraphql } from './graphql.ts';
import { isNameWorth } from './names.ts';

interface Place {
  /** What holds the document: `body:`, or the parameter's own place. */
  readonly root: string;
  readonly step: Step | undefined;
  readonly name: string;
  /** Documents within strings of documents. */
  readonly depth: number;
}

const NESTED_MAX = 4;

/** Visits every key and every string of a parsed document, at any depth and of any length. */
export function visitJson(document: unknown, visit: FieldVisitor): boolean {
  return walk(document, { root: 'body:', step: undefined, name: '', depth: 0 }, visit);
}

/**
 * Visits the document that a value is, if it is one. `other`: it is none, or too many are within each other.
 *
 * Readers that take the value for text read it otherwise: visit that, too.
 */
export function visitJsonText(text: string, at: { place: string; name: string }, visit: FieldVisitor): NestedOutcome {
  return visitNested(text, { root: at.place, step: undefined, name: at.name, depth: 0 }, visit);
}

export type NestedOutcome = 'stopped' | 'document' | 'other';

function visitNested(text: string, place: Place, visit: FieldVisitor): NestedOutcome {
  const first = text.charAt(0);
  if ((first !== '{' && first !== '[') || place.depth >= NESTED_MAX) return 'other';
  // Programs write their documents on one line; what people laid out is a file, and read as one.
  if (text.includes('\n')) return 'other';
  const parsed = parseStrictJson(text);
  if (!parsed.ok) return 'other';
  return walk(parsed.value, { ...place, depth: place.depth + 1 }, visit) ? 'stopped' : 'document';
}

/* Recursion is bounded: strict parsing refuses deep nesting. */
function walk(value: unknown, place: Place, visit: FieldVisitor): boolean {
  if (typeof value === 'string') return value !== '' && visitString(value, place, visit);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    const parent = place.step;
    return value.some((item: unknown, key) => walk(item, { ...place, step: { parent, key } }, visit));
  }
  return Object.entries(value).some(([key, member]) => {
    const inner: Place = { ...place, step: { parent: place.step, key }, name: key };
    return visitKey(key, { inner, outer: place.name }, visit) || walk(member, inner, visit);
  });
}

function visitKey(key: string, { inner, outer }: { inner: Place; outer: string }, visit: FieldVisitor): boolean {
  if (isNameWorth(key) && visit(jsonField('name', keyText(key), inner))) return true;
  // Two plain words that are none together.
  return key === 'prototype' && visit(jsonField('name', `${outer}.${key}`, inner));
}

/** An operator is one as a key (`{"$ne": 1}`), not as a word. */
function keyText(key: string): string {
  return key.startsWith('$') ? `{${key}:` : key;
}

function visitString(value: string, place: Place, visit: FieldVisitor): boolean {
  if (place.name === 'query' && visitGraphql(value, place.name, visit) === 'document') return false;
  const nested = visitNested(value, place, visit);
  if (nested === 'stopped') return true;
  return visit({ ...jsonField('json', value, place), isDocument: nested === 'document' });
}

function jsonField(kind: 'json' | 'name', value: string, place: Place): Field {
  return { kind, name: place.name, value, path: () => `${place.root}${placeText(place.step)}` };
}
