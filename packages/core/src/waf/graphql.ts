import { fieldAt, type FieldVisitor } from './field.ts';

const DOCUMENT =
  /^\s{0,64}(?:#[^\n]{0,256}\n\s{0,64}){0,16}(?:query|mutation|subscription|fragment|\{)[\s\w({@$!:,[\]=]{0,256}[{(]/;

/**
 * Visits the strings in a GraphQL document; its punctuation is nobody's attack.
 *
 * `document`: it was one, and no string stopped the visit. `stopped`: one did. `other`: it is no GraphQL.
 */
export function visitGraphql(text: string, place: string, visit: FieldVisitor): 'document' | 'stopped' | 'other' {
  if (!DOCUMENT.test(text) || !isBalanced(text)) return 'other';
  for (const value of stringsOf(text)) {
    if (visit(fieldAt('json', `body:${place}`, { name: '', value }))) return 'stopped';
  }
  return 'document';
}

const NAME_OR_MARK = /^[\w\s{}()[\]:,!$@=.|&#"\\-]{0,8}$/;

/** Outside its strings a document holds only names and a few marks (GraphQL §2.1). */
function isBalanced(text: string): boolean {
  let depth = 0;
  for (const piece of outside(text)) {
    for (const mark of piece) {
      if (mark === '{') depth += 1;
      if (mark === '}') depth -= 1;
      if (depth < 0 || !NAME_OR_MARK.test(mark)) return false;
    }
  }
  return depth === 0;
}

const STRING = /"""(?:[^"]|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"/g;

function outside(text: string): readonly string[] {
  return text.split(STRING);
}

function stringsOf(text: string): readonly string[] {
  return (text.match(STRING) ?? []).map((quoted) => quoted.replace(/^"{1,3}|"{1,3}$/g, '')).filter((it) => it !== '');
}
