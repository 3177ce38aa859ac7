import { allHeaders } from '../header-list.ts';
import type { CanonicalRequest } from '../request.ts';
import type { ApiMatch, ApiOperation, ApiParameter, ValueFault } from './api.ts';
import { type Pair, pairsIn } from './query-pairs.ts';
import { readQuery } from './query-parameter.ts';
import { cut, type ReadValue } from './read-value.ts';
import { readSimple } from './simple-parameter.ts';

/** What of a request does not match its operation. */
export interface SchemaFault extends ValueFault {
  /** `query:limit`, `path:id`, `header:x-api-version`, `cookie:theme` or `body`. */
  readonly field: string;
}

type Operation = Extract<ApiMatch, { kind: 'operation' }>;

/** How strictly parameters are judged, and how much is said. */
export interface ParameterRules {
  /** Whether the query may hold names that the operation does not know. */
  readonly allowsUnknown: boolean;
  readonly most: number;
}

/** Judges path, query, headers and cookies by an operation. Unknown headers and cookies are nobody's business here. */
export function judgeParameters(
  request: CanonicalRequest,
  { operation, values }: Operation,
  { allowsUnknown, most }: ParameterRules,
): readonly SchemaFault[] {
  const pairs = pairsIn(request.query);
  const faults: SchemaFault[] = [];
  const used = new Set<Pair>();
  for (const parameter of operation.parameters) {
    const read = readOne(parameter, { request, values, pairs, used });
    faults.push(...faultsOf(parameter, read, most - faults.length));
    if (faults.length >= most) return faults.slice(0, most);
  }
  return allowsUnknown ? faults : [...faults, ...unknownNames(operation, pairs, used)].slice(0, most);
}

interface Sources {
  readonly request: CanonicalRequest;
  readonly values: Operation['values'];
  readonly pairs: readonly Pair[];
  /** Pairs that some parameter has taken. */
  readonly used: Set<Pair>;
}

function readOne(parameter: ApiParameter, { request, values, pairs, used }: Sources): ReadValue {
  switch (parameter.place) {
    case 'path':
      return readSimple(parameter, values[parameter.name]);
    case 'header':
      return readSimple(parameter, joined(allHeaders(request.headers, parameter.name), ', '));
    case 'cookie':
      return readSimple(parameter, cookieOf(request, parameter.name));
    case 'query': {
      const reading = readQuery(parameter, pairs);
      for (const pair of reading.used) used.add(pair);
      return reading.read;
    }
  }
}

function joined(values: readonly string[], separator: string): string | undefined {
  return values.length === 0 ? undefined : values.join(separator);
}

function cookieOf({ headers }: CanonicalRequest, name: string): string | undefined {
  const cookies = allHeaders(headers, 'cookie').flatMap((line) => line.split(';'));
  const found = cookies.map((cookie) => cut(cookie.trim(), '=')).find(([own]) => own === name);
  return found?.[1];
}

function faultsOf(parameter: ApiParameter, read: ReadValue, most: number): readonly SchemaFault[] {
  const field = `${parameter.place}:${parameter.name}`;
  if (read.kind === 'absent') return parameter.isRequired ? [{ field, pointer: '', rule: 'is missing' }] : [];
  if (read.kind === 'fault') return [{ field, pointer: '', rule: read.rule }];
  if (parameter.mayBeEmpty && read.value === '') return [];
  return parameter.check(read.value, most).map((fault) => ({ ...fault, field }));
}

const NAME_CHARS = 64;

function unknownNames(
  { queryNames }: ApiOperation,
  pairs: readonly Pair[],
  used: ReadonlySet<Pair>,
): readonly SchemaFault[] {
  const unknown = pairs.filter((pair) => !used.has(pair) && !queryNames.includes(pair.name ?? ''));
  const names = new Set(unknown.map(({ name }) => (name ?? '?').slice(0, NAME_CHARS)));
  return [...names].map((name) => ({ field: `query:${name}`, pointer: '', rule: 'is not a known parameter' }));
}
