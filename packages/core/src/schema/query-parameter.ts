import type { ApiParameter, ValueShape } from './api.ts';
import { type Pair, valueOf } from './query-pairs.ts';
import {
  ABSENT,
  ANY_SHAPE,
  compoundOf,
  compoundValue,
  jsonValue,
  NOT_UTF8,
  propertyShape,
  readOr,
  type ReadValue,
  scalarOf,
  TWICE,
} from './read-value.ts';

/** A parameter as it is written in a query or a form. */
export type QueryParameter = Pick<ApiParameter, 'name' | 'style' | 'explode' | 'shape'>;

/** What was read, and from which pairs. */
export interface QueryReading {
  readonly read: ReadValue;
  readonly used: readonly Pair[];
}

const SEPARATORS: Readonly<Partial<Record<ApiParameter['style'], RegExp>>> = {
  spaceDelimited: /%20| /,
  pipeDelimited: /\||%7C/i,
};

/** Reads a parameter from the pairs of a query or form. */
export function readQuery(parameter: QueryParameter, pairs: readonly Pair[]): QueryReading {
  if (parameter.style === 'deepObject') return readDeep(parameter, pairs);
  const compound = compoundOf(parameter.shape);
  if (compound === 'object' && parameter.style === 'form' && parameter.explode) return readMembers(parameter, pairs);
  const used = pairs.filter(({ name }) => name === parameter.name);
  return { read: readPairs(parameter, used), used };
}

function readPairs(parameter: QueryParameter, used: readonly Pair[]): ReadValue {
  const [first, ...others] = used;
  if (first === undefined) return ABSENT;
  const { shape, explode, style } = parameter;
  if (style !== 'json' && explode && compoundOf(shape) === 'array') return readRepeated(shape, used);
  return others.length > 0 ? TWICE : readPair(parameter, first);
}

function readPair({ shape, style }: QueryParameter, pair: Pair): ReadValue {
  if (style === 'json') return jsonValue(valueOf(pair));
  if (compoundOf(shape) !== undefined) {
    const pieces = pair.raw === '' ? [] : pair.raw.split(SEPARATORS[style] ?? ',');
    return readOr(compoundValue(pieces, shape, false));
  }
  const text = valueOf(pair);
  return text === undefined ? NOT_UTF8 : { kind: 'value', value: scalarOf(text, shape) };
}

/** `id=3&id=4`. One value alone may be what it is where the schema takes that, too. */
function readRepeated(shape: ValueShape, used: readonly Pair[]): ReadValue {
  const texts = used.map(valueOf);
  if (!texts.every((text) => text !== undefined)) return NOT_UTF8;
  const [only, ...others] = texts;
  const isAlone = only !== undefined && others.length === 0 && [...shape.types].some((type) => /^[snb]/.test(type));
  if (isAlone) return { kind: 'value', value: scalarOf(only, shape) };
  return { kind: 'value', value: texts.map((text) => scalarOf(text, shape.items ?? ANY_SHAPE)) };
}

/** `r=100&g=200`: each member of an object by itself. */
function readMembers({ shape }: QueryParameter, pairs: readonly Pair[]): QueryReading {
  const names = new Set(Object.keys(shape.properties ?? {}));
  const used = pairs.filter(({ name }) => name !== undefined && (names.has(name) || shape.additional !== undefined));
  if (used.length === 0) return { read: ABSENT, used };
  return {
    read: objectOf(
      used.map((pair) => [[pair.name ?? ''], pair]),
      shape,
    ),
    used,
  };
}

/** `filter[status]=open`, and `filter[a][b]=c`, which the specification leaves open. */
function readDeep({ name, shape }: QueryParameter, pairs: readonly Pair[]): QueryReading {
  const found = pairs.flatMap((pair) => {
    const rest = pair.name?.startsWith(`${name}[`) === true ? pair.name.slice(name.length) : '';
    return /^(?:\[[^[\]]+\]){1,4}$/.test(rest) ? [[rest.slice(1, -1).split(']['), pair] as const] : [];
  });
  const used = found.map(([, pair]) => pair);
  return { read: found.length === 0 ? ABSENT : objectOf(found, shape), used };
}

type Located = readonly [path: readonly string[], pair: Pair];

function objectOf(located: readonly Located[], shape: ValueShape): ReadValue {
  const groups = Map.groupBy(located, ([[name = '']]) => name);
  const members: [string, unknown][] = [];
  for (const [name, same] of groups) {
    const read = memberOf(same, propertyShape(shape, name));
    if (read.kind !== 'value') return read;
    members.push([name, read.value]);
  }
  return { kind: 'value', value: Object.fromEntries(members) };
}

function memberOf(same: readonly Located[], shape: ValueShape): ReadValue {
  const deeper = same.filter(([path]) => path.length > 1);
  if (deeper.length === 0) {
    return readPairs(
      { name: '', style: 'form', explode: true, shape },
      same.map(([, pair]) => pair),
    );
  }
  if (deeper.length < same.length) return TWICE;
  return objectOf(
    deeper.map(([[, ...rest], pair]) => [rest, pair]),
    shape,
  );
}
