/* Kinds of tokens, one character each, so that shapes of statements can be matched as text. */
// s string · n number · b bare word · o logic (and, or, …) · c comparison · p arithmetic · f function name before (
// ( ) , ; . as they are · k statement keyword · w clause keyword · x comment to the end · v variable · u union · q open string

const LOGIC = new Set(['and', 'or', 'xor', 'not', '&&', '||', 'div', 'mod', 'rlike', 'regexp', 'sounds']);
const COMPARE = new Set([
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '<>',
  '!=',
  '<=>',
  '==',
  ':=',
  '~',
  '!~',
  '@>',
  '<@',
  '->',
  '->>',
  'like',
  'in',
  'between',
  'is',
  'ilike',
  'similar',
  'glob',
  '?',
  '?|',
  '?&',
  '@@',
  '#>',
  '#>>',
]);
const STATEMENT = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'drop',
  'create',
  'alter',
  'exec',
  'execute',
  'declare',
  'truncate',
  'waitfor',
  'shutdown',
  'merge',
  'replace',
  'grant',
  'revoke',
  'load',
  'call',
  'begin',
  'if',
  'handler',
  'rename',
]);
const CLAUSE = new Set([
  'from',
  'where',
  'having',
  'group',
  'order',
  'limit',
  'into',
  'values',
  'set',
  'table',
  'by',
  'join',
  'case',
  'when',
  'then',
  'else',
  'end',
  'as',
  'on',
  'using',
  'procedure',
  'offset',
  'fetch',
  'top',
  'distinct',
  'all',
  'null',
  'exists',
  'asc',
  'desc',
  'returning',
  'cast',
  'collate',
  'escape',
]);

const WORD_KINDS: ReadonlyMap<string, string> = new Map([
  ...[...CLAUSE].map((word) => [word, 'w'] as const),
  ...[...STATEMENT].map((word) => [word, 'k'] as const),
  ...[...COMPARE].map((word) => [word, 'c'] as const),
  ...[...LOGIC].map((word) => [word, 'o'] as const),
  ...['union', 'intersect', 'except'].map((word) => [word, 'u'] as const),
]);

const TOKENS_MAX = 512;
const TOKENS_FEW = 40;

/**
 * What of SQL a text is made of, as one character for each token, reading it as if a string of kind `quote` had been
 * open before it (`''`: none). Comments between tokens are white space, as they are to a database.
 *
 * Linear; at most 512 tokens.
 */
export function sqlShape(text: string, quote: '' | "'" | '"' | '`'): string {
  // All shapes but that of a SELECT within are told by how the text begins.
  const tokensMax = text.includes('select') ? TOKENS_MAX : TOKENS_FEW;
  let shape = '';
  let at = 0;
  if (quote !== '') {
    at = stringEnd(text, 0, quote);
    if (at >= text.length && !text.endsWith(quote)) return 's';
    shape = 's';
  }
  while (at < text.length && shape.length < tokensMax) {
    const token = tokenAt(text, at);
    at = token.end;
    shape += token.kind;
  }
  return shape;
}

interface Token {
  readonly kind: string;
  readonly end: number;
}

const WORD = /[a-z_$\u0080-\uffff][\w$#\u0080-\uffff]{0,255}/y;
const NUMBER =
  /(?:0x[\da-f]{1,255}|0b[01]{1,255}|\d{1,64}(?:\.\d{0,64})?(?:e[+-]?\d{1,8})?|\.\d{1,64}(?:e[+-]?\d{1,8})?)/y;
const OPERATOR = /(?:<=>|\?\||\?&|\?|->>|\|\||&&|<>|<=|>=|!=|==|:=|!~|@>|<@|->|::|[=<>~])/y;

function tokenAt(text: string, at: number): Token {
  const character = text.charAt(at);
  if (character === ' ' || character === '\n') return { kind: '', end: at + 1 };
  if (character === "'" || character === '"' || character === '`') return stringToken(text, at, character);
  const comment = commentAt(text, at);
  if (comment !== undefined) return comment;
  return numberAt(text, at) ?? wordAt(text, at) ?? variableAt(text, at) ?? operatorAt(text, at);
}

function stringToken(text: string, at: number, quote: string): Token {
  const end = stringEnd(text, at + 1, quote);
  const isClosed = end <= text.length && text.charAt(end - 1) === quote && end > at + 1;
  // A number in quotes is one to a database.
  if (/^\d{1,19}['"`]?$/.test(text.slice(at + 1, Math.min(end, at + 22)))) return { kind: 'n', end };
  return { kind: isClosed ? 's' : 'q', end };
}

/** After the closing quote; doubled and escaped ones belong to the string. */
function stringEnd(text: string, from: number, quote: string): number {
  let at = from;
  for (;;) {
    const end = text.indexOf(quote, at);
    if (end < 0) return text.length;
    if (text.charAt(end + 1) === quote && end > from) at = end + 2;
    else if (text.charAt(end - 1) === '\\' && text.charAt(end - 2) !== '\\') at = end + 1;
    else return end + 1;
  }
}

function commentAt(text: string, at: number): Token | undefined {
  const two = text.slice(at, at + 2);
  if (two === '--' || text.charAt(at) === '#') return { kind: 'x', end: lineEnd(text, at) };
  if (two !== '/*') return undefined;
  if (text.charAt(at + 2) === '!') return { kind: '', end: versionEnd(text, at + 3) };
  const end = text.indexOf('*/', at + 2);
  return end < 0 ? { kind: 'x', end: text.length } : { kind: '', end: end + 2 };
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function versionEnd(text: string, from: number): number {
  let at = from;
  while (at < from + 6 && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at += 1;
  return at;
}

function numberAt(text: string, at: number): Token | undefined {
  NUMBER.lastIndex = at;
  const found = NUMBER.exec(text);
  return found === null ? undefined : { kind: 'n', end: NUMBER.lastIndex };
}

function wordAt(text: string, at: number): Token | undefined {
  WORD.lastIndex = at;
  const found = WORD.exec(text);
  if (found === null) return undefined;
  const end = WORD.lastIndex;
  return { kind: wordKind(found[0], text, end), end };
}

function wordKind(word: string, text: string, end: number): string {
  const known = WORD_KINDS.get(word);
  if (known !== undefined) return known;
  const next = text.charAt(end) === ' ' ? text.charAt(end + 1) : text.charAt(end);
  if (next === '(') return 'f';
  return word === 'true' || word === 'false' ? 'n' : 'b';
}

const VARIABLE = /@{1,2}(?:[\w.$]{1,64}|`[^`]{0,64}`)?/y;

function variableAt(text: string, at: number): Token | undefined {
  VARIABLE.lastIndex = at;
  return VARIABLE.test(text) ? { kind: 'v', end: VARIABLE.lastIndex } : undefined;
}

function operatorAt(text: string, at: number): Token {
  OPERATOR.lastIndex = at;
  const found = OPERATOR.exec(text);
  if (found !== null) return { kind: LOGIC.has(found[0]) ? 'o' : 'c', end: OPERATOR.lastIndex };
  const character = text.charAt(at);
  if ('(),;.{}[]:'.includes(character)) return { kind: character, end: at + 1 };
  if ('+-*/%^&|!'.includes(character)) return { kind: character === '!' ? '!' : 'p', end: at + 1 };
  return { kind: '_', end: at + 1 };
}
