import { type Place, placeText } from '../json/place.ts';
import { boundaryOf } from '../multipart.ts';
import { type BodyText, strictJson } from '../request.ts';
import { parseStrictJson } from '../json/parse.ts';
import { visitMultipart } from '../waf/multipart-fields.ts';
import { visitXml } from '../waf/xml-fields.ts';
import type { BodyKind } from './body-kind.ts';
import { octetText, percentText } from './strict-text.ts';

/** One text of a request, or a place whose octets are no text. */
export interface TextField {
  /** Undefined: not valid UTF-8. */
  readonly value: string | undefined;
  /** Such as `query:q` or `body:$.messages[0].content`. Made only when somebody asks. */
  path(): string;
}

/** Takes each text in turn; returns true to stop. */
export type TextVisitor = (field: TextField) => boolean;

/** What reading a body came to; a rule says why it could not be read. */
export type TextOutcome = 'done' | 'stopped' | { readonly rule: string };

/** Visits names and values of `a=1&b=2`, decoded strictly. */
export function visitPairTexts(text: string, place: 'query' | 'body', visit: TextVisitor): boolean {
  return text.split('&').some((piece) => {
    if (piece === '') return false;
    const mark = piece.indexOf('=');
    const name = formText(mark < 0 ? piece : piece.slice(0, mark));
    const path = (): string => `${place}:${(name ?? '').slice(0, 128)}`;
    if (visit({ value: name, path })) return true;
    return mark >= 0 && visit({ value: formText(piece.slice(mark + 1)), path });
  });
}

function formText(encoded: string): string | undefined {
  return percentText(encoded.replaceAll('+', ' '));
}

/** Visits every text of a body by what it is: keys and strings of JSON, names and values of forms, or the whole. */
export function visitBodyTexts(body: BodyText, { kind, type }: BodyKind, visit: TextVisitor): TextOutcome {
  switch (kind) {
    case 'json':
      return visitJsonBody(body, visit);
    case 'lines':
      return visitLines(body.text, visit);
    case 'form':
      return outcome(visitPairTexts(body.text, 'body', visit));
    case 'multipart':
      return visitParts(body, type, visit);
    case 'xml':
      return outcome(visitXml(body.text, (field) => visit(field)));
    case 'text':
      return outcome(visitWhole(body.text, visit));
    case 'unknown':
      return visitUnknown(body, visit);
    case 'binary':
      return 'done';
  }
}

function outcome(isStopped: boolean): TextOutcome {
  return isStopped ? 'stopped' : 'done';
}

function visitWhole(value: string, visit: TextVisitor): boolean {
  return visit({ value, path: () => 'body' });
}

function visitJsonBody(body: BodyText, visit: TextVisitor): TextOutcome {
  const parsed = strictJson(body);
  return parsed.ok ? outcome(visitJson(parsed.value, undefined, visit)) : { rule: `JSON: ${parsed.rule}` };
}

function visitLines(text: string, visit: TextVisitor): TextOutcome {
  for (const line of text.split('\n')) {
    const parsed = parseStrictJson(line.trim() === '' ? 'null' : line);
    if (!parsed.ok) return { rule: `JSON: ${parsed.rule}` };
    if (visitJson(parsed.value, undefined, visit)) return 'stopped';
  }
  return 'done';
}

/** A server may take for JSON, or for a form, what does not say so. */
function visitUnknown(body: BodyText, visit: TextVisitor): TextOutcome {
  if (/^\s*[[{]/.test(body.text)) {
    const parsed = strictJson(body);
    if (parsed.ok) return outcome(visitJson(parsed.value, undefined, visit));
  }
  const isForm = /^[\w.[\]$%-]{1,64}=/.test(body.text) && visitPairTexts(body.text, 'body', visit);
  return outcome(isForm || visitWhole(body.text, visit));
}

function visitParts(body: BodyText, type: string, visit: TextVisitor): TextOutcome {
  const boundary = boundaryOf(type);
  if (boundary === undefined) return { rule: 'multipart: no boundary, or two' };
  const result = visitMultipart(body.text, boundary, (field) => {
    // Files are not text; their names are.
    if (field.kind === 'text' || field.kind === 'header') return false;
    return visit({ value: body.isUtf8 ? field.value : octetText(field.value), path: field.path });
  });
  return result === 'malformed' ? { rule: 'multipart: a part or the end is missing' } : result;
}

/* Recursion is bounded: strict parsing refuses deep nesting. */
function visitJson(value: unknown, place: Place | undefined, visit: TextVisitor): boolean {
  if (typeof value === 'string') return visit({ value, path: () => `body:${placeText(place)}` });
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item: unknown, key) => visitJson(item, { parent: place, key }, visit));
  return Object.entries(value).some(([key, member]) => {
    const own = { parent: place, key };
    return visit({ value: key, path: () => `body:${placeText(own)}` }) || visitJson(member, own, visit);
  });
}
