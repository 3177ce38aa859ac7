import { parseStrictJson } from '../json/parse.ts';
import { boundaryOf } from '../multipart.ts';
import type { FieldVisitor } from './field.ts';
import { visitCsv } from './csv-fields.ts';
import { visitGraphql } from './graphql.ts';
import { visitJson } from './json-fields.ts';
import { visitMultipart } from './multipart-fields.ts';
import { visitPairs } from './pairs.ts';
import { visitPlainText } from './text-fields.ts';
import { visitXml } from './xml-fields.ts';

/** What reading a body came to. `malformed` is refused: what cannot be read here may be read differently behind. */
export type BodyOutcome = { readonly kind: 'stopped' | 'done' } | { readonly kind: 'malformed'; readonly rule: string };

const DONE: BodyOutcome = { kind: 'done' };
const STOPPED: BodyOutcome = { kind: 'stopped' };
const JSON_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+)?json5?\b(?!-seq|l)/;
const LINES_TYPE = /ndjson|jsonl|json-lines|json-seq|stream\+json/;
const XML_TYPE = /^(?:application|text|image)\/(?:[\w.+-]+\+)?xml\b/;

/** Visits every value of a body by its declared type; what names none is read as what it looks like, and as text. */
export function visitBody(text: string, contentType: string, visit: FieldVisitor): BodyOutcome {
  if (text === '') return DONE;
  const type = contentType.trim().toLowerCase();
  if (LINES_TYPE.test(type)) return outcome(visitLines(text, visit));
  if (JSON_TYPE.test(type)) return visitJsonBody(text, visit);
  if (type.startsWith('multipart/')) return visitParts(text, contentType, visit);
  if (type.startsWith('application/x-www-form-urlencoded')) return outcome(visitForm(text, visit));
  if (XML_TYPE.test(type)) return outcome(visitXml(text, visit) || visitOdd(text, visit));
  if (type.startsWith('text/csv')) return outcome(visitTable(text, visit));
  if (type.startsWith('application/graphql')) return outcome(visitQuery(text, visit));
  return outcome(visitUnknown(text, visit));
}

function outcome(isStopped: boolean): BodyOutcome {
  return isStopped ? STOPPED : DONE;
}

function visitJsonBody(text: string, visit: FieldVisitor): BodyOutcome {
  const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const parsed = parseStrictJson(bare);
  if (!parsed.ok) return { kind: 'malformed', rule: `JSON: ${parsed.rule}` };
  return outcome(visitJson(parsed.value, visit));
}

function visitParts(text: string, contentType: string, visit: FieldVisitor): BodyOutcome {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return { kind: 'malformed', rule: 'multipart: no boundary, or two' };
  const result = visitMultipart(text, boundary, visit);
  return result === 'malformed'
    ? { kind: 'malformed', rule: 'multipart: a part or the end is missing' }
    : outcome(result === 'stopped');
}

function visitForm(text: string, visit: FieldVisitor): boolean {
  // Markup holds `&` and `=` of its own: cut at them it would be in pieces.
  return visitPairs(text, 'form', visit) || (/[<>]/.test(text) && visitText(text, visit));
}

/** XML that is none, or hides behind another encoding of `<`. */
function visitOdd(text: string, visit: FieldVisitor): boolean {
  return !text.trimStart().startsWith('<') && visitText(text, visit);
}

function visitQuery(text: string, visit: FieldVisitor): boolean {
  const result = visitGraphql(text, 'query', visit);
  return result === 'other' ? visitText(text, visit) : result === 'stopped';
}

function visitTable(text: string, visit: FieldVisitor): boolean {
  const result = visitCsv(text, visit);
  return result === 'other' ? visitText(text, visit) : result === 'stopped';
}

function visitLines(text: string, visit: FieldVisitor): boolean {
  return text.split('\n').some((line) => {
    const parsed = parseStrictJson(line);
    return parsed.ok ? visitJson(parsed.value, visit) : visitText(line, visit);
  });
}

const FORM_SHAPE = /^[\w.[\]$%-]{1,64}=/;

/** A server may ignore the type as its client did. */
function visitUnknown(text: string, visit: FieldVisitor): boolean {
  const start = text.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) {
    const parsed = parseStrictJson(start);
    if (parsed.ok) return visitJson(parsed.value, visit);
  }
  if (start.startsWith('<?xml') && visitXml(start, visit)) return true;
  if (FORM_SHAPE.test(start) && visitPairs(start, 'form', visit)) return true;
  return visitText(text, visit);
}

function visitText(text: string, visit: FieldVisitor): boolean {
  return visitPlainText(text, { kind: 'text', place: 'body', name: '' }, visit);
}
