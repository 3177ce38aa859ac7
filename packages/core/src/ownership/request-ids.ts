import type { HeaderList } from '../header-list.ts';
import { allHeaders } from '../header-list.ts';
import { foldName, hasLookalike, selectStrict } from '../json/path.ts';
import type { ProblemCode } from '../problem.ts';
import type { JsonPath, Operation, Resource } from './operation.ts';
import { spell } from './read-id.ts';

/** One id that a request names; not yet known to be canonical or anybody's. */
export interface NamedId {
  readonly resource: Resource;
  readonly id: string;
  /** Where it stands, such as `query:chatId`. */
  readonly field: string;
}

/** The ids of one part of a request, or why that part has no one reading. */
export type NamedIds =
  | { readonly ok: true; readonly ids: readonly NamedId[] }
  | { readonly ok: false; readonly code: ProblemCode; readonly rule: string; readonly field: string };

type RequestId = Operation['requestIds'][number];
type BodyId = RequestId & { at: { body: JsonPath } };
type QueryId = RequestId & { at: { query: string } };

export function bodyIdsOf(operation: Operation): readonly BodyId[] {
  return operation.requestIds.filter((each): each is BodyId => 'body' in each.at);
}

export function queryIdsOf(operation: Operation): readonly QueryId[] {
  return operation.requestIds.filter((each): each is QueryId => 'query' in each.at);
}

/**
 * The ids of a query, each named exactly once and under exactly the declared name (T6).
 *
 * Servers differ in which of two parameters they take, and whether `chatId[]`, `ch%61tId` or `chatid` is the same
 * one: a second candidate is refused, whatever it is.
 */
export function queryIds(declared: readonly QueryId[], query: string): NamedIds {
  const ids: NamedId[] = [];
  for (const { resource, at } of declared) {
    const field = `query:${at.query}`;
    const candidates = parametersLike(at.query, query);
    const [candidate] = candidates;
    if (candidates.length > 1) return { ok: false, code: 'parameter-duplicated', rule: 'parameter duplicated', field };
    if (candidate?.name !== at.query) return { ok: false, code: 'input-invalid', rule: 'id absent', field };
    ids.push({ resource, id: decodeValue(candidate.value), field });
  }
  return { ok: true, ids };
}

/** The first declared body field that the query could override in a server that merges both; undefined when none. */
export function queryShadow(declared: readonly BodyId[], query: string): string | undefined {
  const names = declared.flatMap(({ at }) => at.body.steps.filter((step) => typeof step === 'string'));
  return names.find((name) => parametersLike(name, query).length > 0);
}

interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** Every parameter that some server may read as `name`. Some split at `;` too. */
function parametersLike(name: string, query: string): readonly Parameter[] {
  const folded = foldName(name);
  return query
    .split(/[&;]/)
    .map(toParameter)
    .filter((parameter) => readings(parameter.name).includes(folded));
}

/** Every name that some server may read in a query or an urlencoded form, folded. */
export function parameterNames(text: string): readonly string[] {
  return text.split(/[&;]/).flatMap((each) => readings(toParameter(each).name));
}

function toParameter(text: string): Parameter {
  const equals = text.indexOf('=');
  return equals === -1 ? { name: text, value: '' } : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** `a%5B0%5D`, `a[0]`, `a.b` and `a%00b` are all `a` somewhere. */
function readings(rawName: string): readonly string[] {
  const decoded = decodeAscii(decodeAscii(rawName));
  const [stem = ''] = decoded.split(/[[.\0]/, 1);
  return [foldName(decoded), foldName(stem)];
}

function decodeAscii(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The id that every server reads here; empty, which is nobody's, when it is spelled in another way (T9). */
function decodeValue(raw: string): string {
  const decoded = decodeAscii(raw.replaceAll('+', ' '));
  return raw === decoded || raw === encodeURIComponent(decoded) ? decoded : '';
}

/** The ids of a JSON body: each declared path must lead to at least one, and only to ids. */
export function bodyIds(declared: readonly BodyId[], body: unknown): NamedIds {
  const ids: NamedId[] = [];
  for (const { resource, at } of declared) {
    const field = `body:${at.body.text}`;
    const selected = selectStrict(body, at.body);
    if (!selected.ok) {
      const code = selected.rule === 'absent' ? 'input-invalid' : 'body-invalid';
      return { ok: false, code, rule: `id ${selected.rule}`, field };
    }
    for (const value of selected.values) {
      const id = spell(value);
      if (id === undefined) return { ok: false, code: 'input-invalid', rule: 'id of the wrong type', field };
      ids.push({ resource, id, field });
    }
  }
  return { ok: true, ids };
}

/** The first declared query name that a body could override in a server that merges both; undefined when none. */
export function bodyShadow(declared: readonly QueryId[], body: unknown): string | undefined {
  return declared.find(({ at }) => {
    const isExact = typeof body === 'object' && body !== null && Object.hasOwn(body, at.query);
    return isExact || hasLookalike(body, at.query);
  })?.at.query;
}

const JSON_TYPE = /^application\/(?:json|[\w.!#$&^-]+\+json)[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i;

/** Whether the body is said, once, to be JSON in UTF-8 and not encoded further. */
export function isJsonBody(headers: HeaderList): boolean {
  const types = allHeaders(headers, 'content-type');
  const encodings = allHeaders(headers, 'content-encoding');
  return types.length === 1 && JSON_TYPE.test(types[0] ?? '') && encodings.every((each) => each === 'identity');
}

/**
 * Whether a JSON text (in bytes) spells a whole number in another way than its digits: `1e0`, `1.0`, `0.99999999999999999999`.
 *
 * Readers differ in what such a number is as an id.
 */
export function hasOddInteger(bytes: Uint8Array): boolean {
  let token = '';
  let inString = false;
  for (let at = 0; at <= bytes.length; at += 1) {
    const char = String.fromCharCode(bytes[at] ?? 0);
    if (inString) {
      if (char === '\\') at += 1;
      inString = char !== '"';
    } else if ('0123456789+-.eE'.includes(char)) {
      token += char;
    } else {
      if (isOdd(token)) return true;
      token = '';
      inString = char === '"';
    }
  }
  return false;
}

function isOdd(token: string): boolean {
  const value = Number(token);
  return token !== '' && Number.isInteger(value) && String(value) !== token;
}
