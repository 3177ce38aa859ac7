import { parseStrictJson } from '../json/parse.ts';
import { percentText } from '../text/strict-text.ts';
import type { ValueShape } from './api.ts';

/** A value that was read from text, or why there is none. */
export type ReadValue =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'fault'; readonly rule: string };

export const ABSENT: ReadValue = { kind: 'absent' };
export const NOT_UTF8: ReadValue = { kind: 'fault', rule: 'is not valid UTF-8' };
export const TWICE: ReadValue = { kind: 'fault', rule: 'is sent more than once' };

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * One piece of text as what the schema wants it to be: a number or truth value where it has no text. What is neither
 * stays text, and then fails for its type. What is sent does not change.
 */
export function scalarOf(text: string, { types }: ValueShape): unknown {
  if (types.has('string') || types.size === 0) return text;
  if (types.has('number') && NUMBER.test(text)) return Number(text);
  const word = WORDS.get(text);
  return word !== undefined && types.has(word.type) ? word.value : text;
}

const WORDS: ReadonlyMap<string, { readonly type: 'boolean' | 'null'; readonly value: boolean | null }> = new Map([
  ['true', { type: 'boolean', value: true }],
  ['false', { type: 'boolean', value: false }],
  ['null', { type: 'null', value: null }],
  ['', { type: 'null', value: null }],
]);

/** Whether a shape is written as several values rather than one. */
export function compoundOf({ types }: ValueShape): 'array' | 'object' | undefined {
  if (types.has('array')) return 'array';
  return types.has('object') && !types.has('string') ? 'object' : undefined;
}

/** The shape of nothing in particular. */
export const ANY_SHAPE: ValueShape = { types: new Set() };

/** The shape of one property. */
export function propertyShape({ properties, additional }: ValueShape, name: string): ValueShape {
  const own = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return own ?? additional ?? ANY_SHAPE;
}

/** Pieces of text, still encoded, as the array or object that they stand for; `undefined` when one is no UTF-8. */
export function compoundValue(pieces: readonly string[], shape: ValueShape, explode: boolean): unknown {
  const texts = pieces.map((piece) => percentText(piece));
  if (!texts.every((text) => text !== undefined)) return undefined;
  if (compoundOf(shape) === 'array') return texts.map((text) => scalarOf(text, shape.items ?? ANY_SHAPE));
  const entries = explode ? texts.map((text) => cut(text, '=')) : pairsOf(texts);
  return Object.fromEntries(entries.map(([name, text]) => [name, scalarOf(text, propertyShape(shape, name))]));
}

function pairsOf(texts: readonly string[]): readonly (readonly [string, string])[] {
  return texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1] ?? ''] as const] : []));
}

/** A text in two at the first mark; the second half is empty where there is none. */
export function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** A JSON document that stands in a parameter. */
export function jsonValue(text: string | undefined): ReadValue {
  const parsed = parseStrictJson(text ?? '');
  return parsed.ok ? { kind: 'value', value: parsed.value } : { kind: 'fault', rule: 'is not JSON' };
}

/** What `compoundValue` and its like gave. */
export function readOr(value: unknown): ReadValue {
  return value === undefined ? NOT_UTF8 : { kind: 'value', value };
}
