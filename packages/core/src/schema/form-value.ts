import { boundaryOf, type Part, partsOf } from '../multipart.ts';
import { parseStrictJson } from '../json/parse.ts';
import { octetText } from '../text/strict-text.ts';
import type { ApiContent, ValueShape } from './api.ts';
import { type Pair, pairsIn, valueOf } from './query-pairs.ts';
import { type QueryParameter, readQuery } from './query-parameter.ts';
import { ANY_SHAPE, compoundOf, propertyShape, type ReadValue, scalarOf } from './read-value.ts';

const MALFORMED: ReadValue = { kind: 'fault', rule: 'is not what its content type says' };

/** A form as the object that it stands for: members as the schema's properties want them, unknown ones as text. */
export function formValue(text: string, content: Pick<ApiContent, 'shape' | 'encodings'>): ReadValue {
  const pairs = pairsIn(text);
  const members: [string, unknown][] = [];
  const used = new Set<Pair>();
  for (const name of Object.keys(content.shape.properties ?? {})) {
    const reading = readQuery(fieldOf(name, content), pairs);
    if (reading.read.kind === 'fault') return { kind: 'fault', rule: `${name} ${reading.read.rule}` };
    if (reading.read.kind === 'value') members.push([name, reading.read.value]);
    for (const pair of reading.used) used.add(pair);
  }
  for (const pair of pairs.filter((each) => !used.has(each))) {
    const member = unknownMember(pair, content.shape);
    if (member === undefined) return MALFORMED;
    members.push(member);
  }
  return { kind: 'value', value: Object.fromEntries(members) };
}

function fieldOf(name: string, { shape, encodings }: Pick<ApiContent, 'shape' | 'encodings'>): QueryParameter {
  const own = propertyShape(shape, name);
  const usual = { style: compoundOf(own) === 'object' ? 'json' : 'form', explode: true } as const;
  return { name, shape: own, ...(encodings[name] ?? usual) };
}

function unknownMember(pair: Pair, { additional = ANY_SHAPE }: ValueShape): [string, unknown] | undefined {
  const value = valueOf(pair);
  return pair.name === undefined || value === undefined ? undefined : [pair.name, scalarOf(value, additional)];
}

/** What a form with parts is read from. */
export interface PartsSource {
  readonly text: string;
  readonly isUtf8: boolean;
  /** The content type, which names the boundary. */
  readonly type: string;
}

/** A form with parts as the object that it stands for. Files are text, of which only the length means something. */
export function partsValue({ text, isUtf8, type }: PartsSource, shape: ValueShape): ReadValue {
  const parts = readParts(text, type);
  if (parts === undefined) return MALFORMED;
  const members: [string, unknown][] = [];
  for (const [name, same] of Map.groupBy(parts, (part) => part.name)) {
    const own = propertyShape(shape, name);
    const isArray = compoundOf(own) === 'array';
    const values = same.map((part) => partValue(part, isArray ? (own.items ?? ANY_SHAPE) : own, isUtf8));
    if (values.includes(undefined) || (!isArray && values.length > 1)) return MALFORMED;
    members.push([name, isArray ? values : values[0]]);
  }
  return { kind: 'value', value: Object.fromEntries(members) };
}

function readParts(text: string, type: string): readonly Part[] | undefined {
  const boundary = boundaryOf(type);
  if (boundary === undefined) return undefined;
  const parts: Part[] = [];
  for (const part of partsOf(text, boundary)) {
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

/** Undefined for what cannot be read. */
function partValue({ content, files }: Part, shape: ValueShape, isUtf8: boolean): unknown {
  if (files.length > 0) return content;
  const text = isUtf8 ? content : octetText(content);
  if (text === undefined || compoundOf(shape) === undefined) {
    return text === undefined ? undefined : scalarOf(text, shape);
  }
  const parsed = parseStrictJson(text);
  return parsed.ok ? parsed.value : undefined;
}
