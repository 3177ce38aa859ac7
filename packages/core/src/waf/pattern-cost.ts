/** How much a search for a pattern may backtrack, for each character where it may begin. */
export interface PatternCost {
  /** Lengths that its repetitions can have together, in the alternative that has most. `Infinity`: it is not linear. */
  readonly ways: number;
  /** Characters that one way can look at. */
  readonly reach: number;
}

/**
 * Bounds the work of a regular expression by reading it: repetitions that follow each other multiply.
 *
 * A pattern whose repetitions all have an upper bound is linear in the text; `*`, `+`, `{n,}` and back-references make
 * `ways` infinite.
 */
export function patternCost(pattern: RegExp): PatternCost {
  const reader: Reader = { source: pattern.source, at: 0 };
  return alternatives(reader);
}

interface Reader {
  readonly source: string;
  at: number;
}

function alternatives(reader: Reader): PatternCost {
  let total: PatternCost = { ways: 1, reach: 0 };
  for (;;) {
    const one = sequence(reader);
    total = { ways: Math.max(total.ways, one.ways), reach: Math.max(total.reach, one.reach) };
    if (reader.source.charAt(reader.at) !== '|') return total;
    reader.at += 1;
  }
}

function sequence(reader: Reader): PatternCost {
  let total: PatternCost = { ways: 1, reach: 0 };
  while (reader.at < reader.source.length && !'|)'.includes(reader.source.charAt(reader.at))) {
    const part = repeated(atom(reader), reader);
    total = { ways: total.ways * part.ways, reach: total.reach + part.reach };
  }
  return total;
}

const QUANTIFIER = /(?:[*+]|\?|\{(\d+)(,?)(\d*)\})\??/y;

function repeated(part: PatternCost, reader: Reader): PatternCost {
  QUANTIFIER.lastIndex = reader.at;
  const found = QUANTIFIER.exec(reader.source);
  if (found === null) return part;
  reader.at = QUANTIFIER.lastIndex;
  const [least, most] = bounds(found);
  // Each repetition may stop or go on, in each of the ways of what is repeated.
  const steps = most - least + 1;
  const inner = part.ways > 1 ? part.ways ** Math.min(most, 64) : 1;
  return { ways: steps * inner, reach: part.reach * most };
}

function bounds([text, least, comma, most]: RegExpExecArray): readonly [number, number] {
  if (text.startsWith('?')) return [0, 1];
  if (text.startsWith('*') || text.startsWith('+')) return [0, Infinity];
  const from = Number(least);
  if (comma === '') return [from, from];
  return [from, most === '' ? Infinity : Number(most)];
}

const GROUP = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y;
const ESCAPE = /\\(?:u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|p\{\w+\}|.)/y;

function atom(reader: Reader): PatternCost {
  const { source } = reader;
  const character = source.charAt(reader.at);
  if (character === '(') return group(reader);
  if (character === '[') {
    reader.at = classEnd(source, reader.at);
    return { ways: 1, reach: 1 };
  }
  if (character !== '\\') {
    reader.at += 1;
    return { ways: 1, reach: character === '^' || character === '$' ? 0 : 1 };
  }
  ESCAPE.lastIndex = reader.at;
  const escape = ESCAPE.exec(source)?.[0] ?? '\\';
  reader.at += escape.length;
  return { ways: /^\\[1-9k]/.test(escape) ? Infinity : 1, reach: /^\\[bB]$/.test(escape) ? 0 : 1 };
}

function group(reader: Reader): PatternCost {
  GROUP.lastIndex = reader.at;
  reader.at += GROUP.exec(reader.source)?.[0].length ?? 1;
  const inner = alternatives(reader);
  reader.at += 1;
  return inner;
}

function classEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === ']') return at + 1;
  }
  return source.length;
}
