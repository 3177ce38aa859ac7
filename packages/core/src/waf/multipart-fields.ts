import { fieldAt, type FieldVisitor } from './field.ts';
import { visitPlainText } from './text-fields.ts';

/** What reading a form with parts came to. */
export type MultipartOutcome = 'stopped' | 'done' | 'malformed';

const BOUNDARY = /;\s{0,8}boundary\s?=\s?(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/gi;

/** The boundary that a content type names; undefined when it names none, or two. */
export function boundaryOf(contentType: string): string | undefined {
  const found = [...contentType.matchAll(BOUNDARY)].map((match) => match[1] ?? match[2]);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Visits names, file names, other header fields and contents of all parts.
 *
 * A form that does not end, or a part without header fields, is malformed: readers differ in what they make of it.
 */
export function visitMultipart(text: string, boundary: string, visit: FieldVisitor): MultipartOutcome {
  const delimiter = `--${boundary}`;
  let at = text.startsWith(delimiter) ? 0 : text.indexOf(`\n${delimiter}`) + 1;
  if (at === 0 && !text.startsWith(delimiter)) return 'malformed';
  for (;;) {
    at += delimiter.length;
    if (text.startsWith('--', at)) return 'done';
    const next = text.indexOf(`\n${delimiter}`, at);
    const start = partStart(text, at);
    if (next < 0 || start < 0) return 'malformed';
    const outcome = visitPart(text.slice(start, text.charAt(next - 1) === '\r' ? next - 1 : next), visit);
    if (outcome !== 'done') return outcome;
    at = next + 1;
  }
}

/** After the line of the delimiter. RFC 2046 §5.1.1: only white space may follow it. */
function partStart(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end >= 0 && text.slice(at, end).trim() === '' ? end + 1 : -1;
}

const HEAD_END = /\r?\n\r?\n/;
const PARAMETER = /;\s{0,8}((?:file)?name)\*?\s?=\s?(?:"((?:[^"\\]|\\.)*)"|([^;\r\n]*))/gi;

function visitPart(part: string, visit: FieldVisitor): MultipartOutcome {
  const split = /^\r?\n/.test(part) ? { index: 0, 0: '\n' } : HEAD_END.exec(part);
  if (split === null) return 'malformed';
  const head = part.slice(0, split.index);
  const content = part.slice(split.index + split[0].length);
  const named = [...head.matchAll(PARAMETER)].map(
    (match) => [match[1]?.toLowerCase() ?? '', match[2] ?? match[3] ?? ''] as const,
  );
  const name = named.find(([key]) => key === 'name')?.[1] ?? '';
  const files = named.filter(([key]) => key === 'filename').map(([, file]) => file);
  if (visitNames({ name, files, head }, visit)) return 'stopped';
  const isStopped =
    files.length === 0
      ? visitValue(name, content, visit)
      : visitPlainText(content, { kind: 'text', place: `body:${name}`, name }, visit);
  return isStopped ? 'stopped' : 'done';
}

function visitValue(name: string, value: string, visit: FieldVisitor): boolean {
  return value !== '' && visit(fieldAt('form', `body:${name}`, { name, value }));
}

function visitNames(part: { name: string; files: readonly string[]; head: string }, visit: FieldVisitor): boolean {
  const { name, files, head } = part;
  const place = `body:${name}`;
  if (name !== '' && visit(fieldAt('name', place, { name, value: name }))) return true;
  if (files.some((value) => value !== '' && visit(fieldAt('file', place, { name, value })))) return true;
  return head.split('\n').some((line) => {
    const value = line.slice(line.indexOf(':') + 1).trim();
    return (
      !/^content-disposition:/i.test(line) &&
      value !== '' &&
      visit(fieldAt('header', place, { name: 'content-type', value }))
    );
  });
}
