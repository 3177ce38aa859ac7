import type { GuardContext } from '../guard.ts';
import { allHeaders, type HeaderList } from '../header-list.ts';
import { foldName, isObject, member } from '../json/path.ts';
import type { JsonPath } from './operation.ts';
import { isJsonBody, parameterNames } from './request-ids.ts';

/** Where a creation names the id of its object; `unreadable`: its body is of a kind in which that could hide. */
export type ChosenId = { readonly field: string } | 'unreadable' | undefined;

/**
 * Whether a request that creates an object chooses the object's id (T5).
 *
 * An application that takes such an id over would write to an object that exists, before the gate sees whose it is. The id
 * is looked for under the name that the answer gives it, in the spelling of any lenient reader: in the query, in a JSON body
 * beside the answer's place or at the top, in a form.
 */
export async function chosenId(ctx: Pick<GuardContext, 'request' | 'body'>, at: JsonPath): Promise<ChosenId> {
  const { request, body } = ctx;
  const name = at.steps.findLast((step) => typeof step === 'string');
  if (name === undefined) return undefined;
  if (names(parameterNames(request.query), name)) return { field: `query:${name}` };
  if (request.bodyBytes === 0) return undefined;
  if (isJsonBody(request.headers)) return inJson(await body.json(), at, name) ? { field: `body:${name}` } : undefined;
  const form = formNames(request.headers);
  if (form === undefined) return (await body.bytes()).length === 0 ? undefined : 'unreadable';
  return names(form((await body.text()).text), name) ? { field: `body:${name}` } : undefined;
}

function names(found: readonly string[], name: string): boolean {
  return found.includes(foldName(name));
}

/** `null` chooses nothing: some clients send every field of a form. */
function inJson(body: unknown, at: JsonPath, name: string): boolean {
  let places: readonly unknown[] = [body];
  for (const step of at.steps) {
    if (places.some((place) => holds(place, name))) return true;
    places = places.flatMap((place) =>
      typeof step === 'string' ? [member(place, step)] : Array.isArray(place) ? place : [],
    );
  }
  return false;
}

function holds(place: unknown, name: string): boolean {
  if (!isObject(place)) return false;
  const folded = foldName(name);
  return Object.entries(place).some(([key, value]) => value !== null && foldName(key) === folded);
}

/** How a form's fields are named; undefined for what is no form. */
function formNames(headers: HeaderList): ((text: string) => readonly string[]) | undefined {
  const types = allHeaders(headers, 'content-type');
  const type = types.length === 1 ? (types[0]?.split(';', 1)[0]?.trim().toLowerCase() ?? '') : '';
  if (type === 'application/x-www-form-urlencoded') return parameterNames;
  return type === 'multipart/form-data' ? partNames : undefined;
}

/** Every `name` parameter, wherever it stands: what looks like one in a file's content only refuses more. */
function partNames(text: string): readonly string[] {
  const quoted = text.matchAll(/name\s{0,8}\*?\s{0,8}=\s{0,8}"?([^"\r\n;]{0,256})/gi);
  return [...quoted].flatMap(([, name = '']) => parameterNames(name));
}
