/** One part of a form. */
export interface Part {
  /** Its header fields, as they came. */
  readonly head: string;
  readonly content: string;
  /** Empty when it has none. */
  readonly name: string;
  /** Present where the part is a file; a part may name itself more than once. */
  readonly files: readonly string[];
}

const BOUNDARY = /;\s{0,8}boundary\s?=\s?(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/gi;

/** The boundary that a content type names; undefined when it names none, or two. */
export function boundaryOf(contentType: string): string | undefined {
  const found = [...contentType.matchAll(BOUNDARY)].map((match) => match[1] ?? match[2]);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The parts of a form, one by one; `undefined` ends them where the form is malformed.
 *
 * A form that does not end, or a part without header fields, is malformed: readers differ in what they make of it.
 */
export function* partsOf(text: string, boundary: string): Generator<Part | undefined, void> {
  const delimiter = `--${boundary}`;
  let at = text.startsWith(delimiter) ? 0 : text.indexOf(`\n${delimiter}`) + 1;
  if (at === 0 && !text.startsWith(delimiter)) return yield undefined;
  for (at += delimiter.length; !text.startsWith('--', at); at += delimiter.length) {
    const next = text.indexOf(`\n${delimiter}`, at);
    const part = partBetween(text, at, next);
    yield part;
    if (part === undefined) return;
    at = next + 1;
  }
}

function partBetween(text: string, delimiterEnd: number, next: number): Part | undefined {
  const start = partStart(text, delimiterEnd);
  if (next < 0 || start < 0) return undefined;
  return partFrom(text.slice(start, text.charAt(next - 1) === '\r' ? next - 1 : next));
}

/** After the line of the delimiter. RFC 2046 §5.1.1: only white space may follow it. */
function partStart(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end >= 0 && text.slice(at, end).trim() === '' ? end + 1 : -1;
}

const HEAD_END = /\r?\n\r?\n/;
const PARAMETER = /;\s{0,8}((?:file)?name)\*?\s?=\s?(?:"((?:[^"\\]|\\.)*)"|([^;\r\n]*))/gi;

function partFrom(part: string): Part | undefined {
  const split = /^\r?\n/.test(part) ? { index: 0, 0: '\n' } : HEAD_END.exec(part);
  if (split === null) return undefined;
  const head = part.slice(0, split.index);
  const content = part.slice(split.index + split[0].length);
  const named = [...head.matchAll(PARAMETER)].map(
    (match) => [match[1]?.toLowerCase() ?? '', match[2] ?? match[3] ?? ''] as const,
  );
  const name = named.find(([key]) => key === 'name')?.[1] ?? '';
  const files = named.filter(([key]) => key === 'filename').map(([, file]) => file);
  return { head, content, name, files };
}
