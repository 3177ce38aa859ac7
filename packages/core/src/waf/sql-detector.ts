import type { Detector, Sign } from './rule.ts';
import { sqlShape } from './sql-tokens.ts';

interface Shape {
  readonly rule: string;
  readonly score: number;
  readonly reason: string;
  readonly pattern: RegExp;
}

/* A value: string, number, word, variable, call. `V` in the texts below. */
const VALUE = '(?:[p!(]{0,4}(?:[snbvq]|w|f\\(\\)|f\\([^()]{0,24}\\)|\\([^()]{0,24}\\))\\)?)';

/** Shapes of text that closes a string and goes on as SQL. The first token is the string that was open. */
const AFTER_STRING: readonly Shape[] = [
  shape(
    'sqli-string-logic',
    6,
    'a string that ends, and a condition after it',
    `^s[)\\]]{0,6}(?:p[snv]){0,4}o[o!(p]{0,6}(?:${VALUE}[)]{0,4}(?:c|x|p[nsqfv(])|(?:n|v|f\\(\\)|f\\([^()]{0,24}\\)|\\([^()]{0,24}\\))[)]{0,4}(?:$|[;,)oq])|k|\\(k|b[;x]|wk?\\()`,
  ),
  shape('sqli-string-comment', 5, 'a string that ends, and a comment that hides the rest', '^s[)]{0,6}(?:;?x|;)$'),
  shape('sqli-string-union', 8, 'a string that ends, and UNION', '^s[)]{0,6}u'),
  shape('sqli-string-statement', 8, 'a string that ends, and a second statement', '^s[)]{0,6};[(]{0,2}k'),
  shape(
    'sqli-string-clause',
    6,
    'a string that ends, and a further clause',
    '^s[)]{0,6}(?:w{1,2}[nfs(]|ww?b?[nfvx(]|w[b](?:c|p)[nsvq]|k[(fnsv])',
  ),
  shape('sqli-string-joined', 6, 'a string that is joined with a call', `^s(?:p|o)[(p]{0,4}(?:f\\(|k|\\(k)`),
  shape('sqli-string-compared', 6, 'a string compared with another', '^s[)]{0,3}c[(]{0,2}[snbvq][)]{0,3}(?:o|x|;|q|$)'),
  shape(
    'sqli-string-arithmetic',
    3,
    'a string that ends, and arithmetic to the next',
    '^sp[snqv](?:p[snqv]){0,8}(?:x|q|$|o)',
  ),
];

/** Shapes of text that stands where a number did. */
const AFTER_NUMBER: readonly Shape[] = [
  shape(
    'sqli-number-logic',
    6,
    'a number, and a condition that compares',
    `^[p(]{0,4}[nbs]?[)]{0,6}o[o!(p]{0,6}${VALUE}[)]{0,4}c[(p!]{0,4}[snbvqfk(w]`,
  ),
  shape(
    'sqli-number-truth',
    5,
    'a number, and a condition that is always true',
    '^[p(]{0,4}n[)]{0,6}o[!(p]{0,4}[nv][)]{0,6}(?:x|;|o|$)',
  ),
  shape(
    'sqli-number-call',
    6,
    'a condition that calls a function',
    '^[p(]{0,4}[nbs]?[)]{0,6}o[o!(p]{0,6}(?:f\\(|k\\(|\\(?k)',
  ),
  shape('sqli-number-union', 8, 'a value, and UNION', '^[p(]{0,4}[nbs]?[)]{0,6}u[w]{0,2}[(]{0,4}(?:k|w\\()'),
  shape(
    'sqli-number-statement',
    8,
    'a value, and a second statement',
    '^[p(]{0,4}[nbs][)]{0,6};[(]{0,2}k(?:[wbfv(nspk*])',
  ),
  shape('sqli-number-comment', 4, 'a value, and a comment that hides the rest', '^[nb][)]{1,6};?x$'),
  shape('sqli-number-clause', 5, 'a value, and a further clause', '^[n][)]{0,6}(?:ww[nf(]|w[(]?[ns][cp,]|w[n][x,])'),
  shape(
    'sqli-compared',
    5,
    'a comparison of constants',
    '^[(]{0,3}w?(?:[ns]c[ns]|[n]c[f]\\()[)]{0,3}(?:x|;|o[(]{0,2}[nsbf])',
  ),
  shape(
    'sqli-subselect',
    6,
    'a SELECT in parentheses',
    '[(,pocf]\\(?k(?:w{0,3})[(]{0,4}(?:f\\(|[bpnsv][,w)]|w\\()[^;]{0,200}?(?:w|\\))',
  ),
];

function shape(rule: string, score: number, reason: string, pattern: string): Shape {
  return { rule, score, reason, pattern: new RegExp(pattern) };
}

/* Inches, feet, quoted words and search operators: what stands before is several words, so no name and no number. */
const AFTER_PHRASE: readonly Shape[] = AFTER_STRING.filter(({ rule }) => {
  return rule !== 'sqli-string-comment' && rule !== 'sqli-string-compared' && rule !== 'sqli-string-arithmetic';
});

/* Words alone are prose: a condition compares with something. */
const SQL_MARK = /[\d'"`=<>(;#|&*@]|--/;
/* 7" #2: a size and a number. `and(eq(a,1),gt(b,2))`: a filter of query languages (RQL, LHS). */
const INCHES = /^\d{1,3}(?:\.\d{1,2})?["'] ?#\d{1,4} [a-z]/;
const FUNCTIONAL =
  /^(?:and|or|not)\((?:eq|ne|[gl][te]e?|in|out|like|contains|and|or|not)\(\w{1,32}(?:,|%2c)[^'"-]{0,400}\)$/;

function isPhrase(text: string): boolean {
  return text.trim().includes(' ');
}

const EVIDENCE_MAX = 200;

/** SQL by the shape of its tokens, read as a number's place and as the rest of a string of each quote. */
export const SQL_DETECTOR: Detector = {
  ids: [...AFTER_STRING, ...AFTER_NUMBER].map(({ rule }) => rule),
  cls: 'sqli',
  literals: ["'", '"', '`', 'or', 'and', '||', '&&', '--', '#', 'union', 'select', 'xor', ';', 'having', 'like', '='],
  views: ['plain', 'uncommented'],
  detect(text) {
    if (!SQL_MARK.test(text) || INCHES.test(text) || FUNCTIONAL.test(text)) return undefined;
    const signs = [best(AFTER_NUMBER, sqlShape(text, ''), text), ...QUOTES.flatMap((quote) => afterQuote(text, quote))];
    let found: Sign | undefined;
    for (const sign of signs) if (sign !== undefined && sign.score > (found?.score ?? 0)) found = sign;
    return found;
  },
};

const QUOTES = ["'", '"', '`'] as const;

function afterQuote(text: string, quote: (typeof QUOTES)[number]): readonly (Sign | undefined)[] {
  const end = text.indexOf(quote);
  if (end < 0) return [];
  const shapes = isPhrase(text.slice(0, end)) ? AFTER_PHRASE : AFTER_STRING;
  const sign = best(shapes, sqlShape(text, quote), text);
  // A backslash that is escaped itself escapes no quote.
  return text.charAt(end - 1) === '\\' ? [sign, best(shapes, sqlShape(text.slice(end), quote), text)] : [sign];
}

function best(shapes: readonly Shape[], tokens: string, text: string): Sign | undefined {
  let found: Shape | undefined;
  for (const each of shapes) if (each.score > (found?.score ?? 0) && each.pattern.test(tokens)) found = each;
  if (found === undefined) return undefined;
  const { rule, score, reason } = found;
  return { rule, score, reason, evidence: text.slice(0, EVIDENCE_MAX) };
}
