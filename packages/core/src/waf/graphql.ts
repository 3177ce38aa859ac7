import { fieldAt, type FieldVisitor } from './field.ts';

const DOCUMENT =
  /^\s{0,64}(?:#[^\n]{0,256}\n\s{0,64}){0,16}(?:query|mutation|subscription|fragment|\{)[\s\w({@$!:,[\]=]{0,256}[{(]/;

/**
 * Visits the strings and comments in a GraphQL document; its punctuation is nobody's attack.
 *
 * `document`: it was one, and no string stopped the visit. `stopped`: one did. `other`: it is no GraphQL.
 */
export function visitGraphql(text: string, place: string, visit: FieldVisitor): 'document' | 'stopped' | 'other' {
  const hidden = DOCUMENT.test(text) ? hiddenTexts(text) : undefined;
  if (hidden === undefined) return 'other';
  for (const value of hidden) {
    if (value !== '' && visit(fieldAt('json', `body:${place}`, { name: '', value }))) return 'stopped';
  }
  return 'document';
}

/** What stands between strings: names, numbers and the marks of executable documents (GraphQL §2.1). */
const PLAIN = /(?:[\w\s{}()[\]:,!@=\uFEFF]|\.{3}|\.\d|\$[A-Za-z_]|-\d)*/y;

/**
 * The contents of strings and comments, where anything may stand; undefined when something else than GraphQL stands outside
 * of them. One scan forward: nothing is read twice.
 */
function hiddenTexts(text: string): readonly string[] | undefined {
  const found: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length;) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0] ?? '';
    depth = depthAfter(plain, depth);
    at += plain.length;
    const end = at >= text.length ? at : endOfHidden(text, at);
    if (depth < 0 || end === undefined) return undefined;
    found.push(text.slice(at, end).replaceAll(/^["#]{1,3}|"{1,3}$/g, ''));
    at = end;
  }
  return depth === 0 ? found : undefined;
}

function depthAfter(plain: string, before: number): number {
  let depth = before;
  for (const mark of plain) {
    if (mark === '{') depth += 1;
    // Once below zero it stays there.
    if (mark === '}') depth = depth <= 0 ? Number.NEGATIVE_INFINITY : depth - 1;
  }
  return depth;
}

/** Where the string or comment that begins at `at` ends; undefined when none begins, or it has no end. */
function endOfHidden(text: string, at: number): number | undefined {
  if (text[at] === '#') return indexOr(text.indexOf('\n', at), text.length);
  if (text.startsWith('"""', at)) return after(text.indexOf('"""', at + 3), 3);
  return text[at] === '"' ? endOfString(text, at + 1) : undefined;
}

function endOfString(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') return at + 1;
    if (char === '\n') return undefined;
    if (char === '\\') at += 1;
  }
  return undefined;
}

function indexOr(index: number, otherwise: number): number {
  return index === -1 ? otherwise : index;
}

function after(index: number, length: number): number | undefined {
  return index === -1 ? undefined : index + length;
}
