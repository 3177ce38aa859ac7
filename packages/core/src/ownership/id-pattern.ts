/** A parsed id pattern. `chars` holds character codes. */
export type IdPattern =
  | { readonly kind: 'chars'; readonly codes: ReadonlySet<number> }
  | { readonly kind: 'sequence'; readonly parts: readonly IdPattern[] }
  | { readonly kind: 'choice'; readonly options: readonly IdPattern[] }
  | { readonly kind: 'repeat'; readonly part: IdPattern; readonly min: number; readonly max: number };

/** No id is longer (T9). */
export const ID_CHARS_MAX = 256;

const PATTERN_CHARS_MAX = 512;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
/**
 * What an id may consist of: characters that stand for themselves in a path segment (RFC 3986 §3.3), so that an id has
 * one spelling there. Without `;`, which some servers take for a parameter.
 */
const ID_CHARS = new Set(codesOf(`${LETTERS}${DIGITS}-._~!$&'()*+,=:@`));
const CLASSES: Readonly<Record<string, string>> = { d: DIGITS, w: `${DIGITS}${LETTERS}_` };

/** Mutable only while one pattern is read. */
interface Reader {
  readonly text: string;
  at: number;
}

/** Thrown and caught in this file only: a recursive parser without it would check every return twice. */
class PatternError extends Error {}

/**
 * Parses the subset of regular expressions that can be matched in linear time and can never match a path separator:
 * characters, classes without negation, `\d`, `\w`, groups, `|` and quantifiers.
 */
export function parseIdPattern(text: string): IdPattern | { readonly problem: string } {
  if (text.length > PATTERN_CHARS_MAX) return { problem: `is longer than ${PATTERN_CHARS_MAX} characters` };
  const reader: Reader = { text: text.replace(/^\^/, '').replace(/(?<!\\)\$$/, ''), at: 0 };
  try {
    const pattern = readChoice(reader);
    if (reader.at < reader.text.length) return { problem: 'has a ) too many' };
    return pattern;
  } catch (error) {
    if (error instanceof PatternError) return { problem: error.message };
    throw error;
  }
}

function readChoice(reader: Reader): IdPattern {
  const options = [readSequence(reader)];
  while (take(reader, '|')) options.push(readSequence(reader));
  return { kind: 'choice', options };
}

function readSequence(reader: Reader): IdPattern {
  const parts: IdPattern[] = [];
  while (reader.at < reader.text.length && !'|)'.includes(peek(reader))) parts.push(readRepeat(reader));
  return { kind: 'sequence', parts };
}

function readRepeat(reader: Reader): IdPattern {
  const part = readAtom(reader);
  if (take(reader, '*')) return { kind: 'repeat', part, min: 0, max: Infinity };
  if (take(reader, '+')) return { kind: 'repeat', part, min: 1, max: Infinity };
  if (take(reader, '?')) return { kind: 'repeat', part, min: 0, max: 1 };
  return take(reader, '{') ? { kind: 'repeat', part, ...readCounts(reader) } : part;
}

function readCounts(reader: Reader): { min: number; max: number } {
  const found = /^(\d{1,3})(,(\d{1,3})?)?\}/.exec(reader.text.slice(reader.at));
  if (found === null) throw new PatternError('has a { that starts no quantifier');
  reader.at += found[0].length;
  const min = Number(found[1]);
  const max = found[2] === undefined ? min : Number(found[3] ?? Infinity);
  if (max < min || Math.max(min, max === Infinity ? 0 : max) > ID_CHARS_MAX) {
    throw new PatternError(`repeats out of range: {${found[0]}`);
  }
  return { min, max };
}

function readAtom(reader: Reader): IdPattern {
  if (take(reader, '(')) return readGroup(reader);
  if (take(reader, '[')) return readClass(reader);
  if (take(reader, '\\')) return readEscape(reader);
  const char = next(reader);
  if ('*+?{}]^$.'.includes(char))
    throw new PatternError(`holds "${char}", which is not understood; list the characters`);
  return chars(char);
}

function readGroup(reader: Reader): IdPattern {
  if (take(reader, '?') && !take(reader, ':')) throw new PatternError('holds a group with (? that is not (?:');
  const inner = readChoice(reader);
  if (!take(reader, ')')) throw new PatternError('has a ( without its )');
  return inner;
}

function readEscape(reader: Reader): IdPattern {
  const char = next(reader);
  const named = CLASSES[char];
  if (named !== undefined) return chars(named);
  if (/[A-Za-z0-9]/.test(char)) throw new PatternError(`holds \\${char}, which is not understood`);
  return chars(char);
}

function readClass(reader: Reader): IdPattern {
  if (peek(reader) === '^') throw new PatternError('holds [^…], which is too wide; list the characters');
  let members = '';
  while (!take(reader, ']')) members += readClassMember(reader);
  if (members === '') throw new PatternError('holds [], which matches nothing');
  return chars(members);
}

function readClassMember(reader: Reader): string {
  const first = next(reader);
  if (first === '\\') return readClassEscape(reader);
  if (peek(reader) !== '-' || reader.text[reader.at + 1] === ']') return first;
  reader.at += 1;
  return rangeOf(first, next(reader));
}

function readClassEscape(reader: Reader): string {
  const atom = readEscape(reader);
  // An escape is always characters: `readEscape` makes nothing else.
  return atom.kind === 'chars' ? String.fromCharCode(...atom.codes) : '';
}

function rangeOf(first: string, last: string): string {
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
  if (last === '\\' || to < from) throw new PatternError(`holds ${first}-${last}, which is no range`);
  if (to > 0x7e) throw new PatternError('leaves ASCII');
  return Array.from({ length: to - from + 1 }, (_, step) => String.fromCharCode(from + step)).join('');
}

function chars(text: string): IdPattern {
  const codes = new Set(codesOf(text));
  const foreign = [...codes].find((code) => !ID_CHARS.has(code));
  if (foreign === undefined) return { kind: 'chars', codes };
  throw new PatternError(`allows ${JSON.stringify(String.fromCharCode(foreign))}, which no id can hold`);
}

function codesOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

function peek(reader: Reader): string {
  return reader.text[reader.at] ?? '';
}

function take(reader: Reader, char: string): boolean {
  if (peek(reader) !== char) return false;
  reader.at += 1;
  return true;
}

function next(reader: Reader): string {
  const char = peek(reader);
  if (char === '') throw new PatternError('ends too early');
  reader.at += 1;
  return char;
}
