import { fieldAt, type FieldVisitor } from './field.ts';
import { visitJsonText } from './json-fields.ts';
import { isNameWorth } from './names.ts';
import { percentDecoded } from './percent.ts';
import type { FieldKind } from './rule.ts';

/* What is no name is the first half of a value, such as markup with an `=`; `on…` may be an attribute's. */
const ORDINARY = /^(?!on[a-z]{3})[\w.[\]$:-]{0,64}$/i;
/* Base64 whose padding looks like an empty value. */
const PADDED = /^[\w+/-]{8,8192}={1,2}$/;
const NAME_CHARS_MAX = 128;

/**
 * Visits names and values of `a=1&b=2`. A piece without `=` is a value without a name. Nothing is decoded but `+`: the
 * inspector undoes encodings, however often they were put on.
 */
export function visitPairs(text: string, kind: Extract<FieldKind, 'query' | 'form'>, visit: FieldVisitor): boolean {
  if (text === '') return false;
  const place = kind === 'query' ? 'query' : 'body';
  let from = 0;
  for (;;) {
    const end = text.indexOf('&', from);
    const piece = end < 0 ? text.slice(from) : text.slice(from, end);
    if (piece !== '' && visitPair(piece, { kind, place }, visit)) return true;
    if (end < 0) return false;
    from = end + 1;
  }
}

function visitPair(piece: string, where: { kind: 'query' | 'form'; place: string }, visit: FieldVisitor): boolean {
  const mark = piece.indexOf('=');
  const { kind, place } = where;
  if (mark < 0 || PADDED.test(piece)) return visit(fieldAt(kind, place, { name: '', value: spaced(piece) }));
  const name = spaced(piece.slice(0, mark));
  const at = `${place}:${name.slice(0, NAME_CHARS_MAX)}`;
  if (isNameWorth(name) && visit(fieldAt('name', at, { name, value: name }))) return true;
  if (!ORDINARY.test(name) && visit(fieldAt(kind, at, { name, value: spaced(piece) }))) return true;
  return mark + 1 < piece.length && visitValue(spaced(piece.slice(mark + 1)), { kind, at, name }, visit);
}

const DOCUMENT_START = /^(?:[{[]|%(?:25)?(?:7b|5b))/i;

/** A value that is a document holds values of its own. */
function visitValue(value: string, where: { kind: FieldKind; at: string; name: string }, visit: FieldVisitor): boolean {
  const { kind, at: place, name } = where;
  const nested = DOCUMENT_START.test(value) ? visitJsonText(plainDocument(value), { place, name }, visit) : 'other';
  if (nested === 'stopped') return true;
  return visit({ ...fieldAt(kind, place, { name, value }), isDocument: nested === 'document' });
}

function plainDocument(value: string): string {
  const text = percentDecoded(value);
  return text.startsWith('%') ? percentDecoded(text) : text;
}

function spaced(text: string): string {
  return text.includes('+') ? text.replaceAll('+', ' ') : text;
}
