import { base64Texts } from './base64.ts';
import { decoded } from './decode.ts';
import { folded } from './fold.ts';
import { BIT, textBits } from './text-bits.ts';

/** How a view was made; a rule names the ones that it reads. */
export type ViewKind = 'plain' | 'uncommented' | 'glued' | 'squeezed';

/** One reading of a value. `text` is folded: lower case, white space in single blanks. */
export interface View {
  readonly kind: ViewKind;
  readonly text: string;
  readonly bits: number;
}

/** What a value says in one encoding: the same text, read in the ways in which interpreters read it. */
export interface Reading {
  /** Decoded, in its own case, with its white space. */
  readonly decoded: string;
  readonly views: readonly View[];
}

const BASE64_DEPTH_MAX = 3;
const BASE64_TEXTS_MAX = 16;

/** Every reading of a value: as it is, and each text that it carries in Base64, to a bounded depth. */
export function readingsOf(value: string): readonly Reading[] {
  const readings: Reading[] = [];
  let texts: readonly string[] = [value];
  for (let depth = 0; depth <= BASE64_DEPTH_MAX && texts.length > 0; depth += 1) {
    const inner: string[] = [];
    for (const text of texts) {
      const reading = readingOf(text);
      readings.push(reading);
      inner.push(...base64Texts(reading.decoded));
    }
    texts = inner.slice(0, BASE64_TEXTS_MAX);
  }
  return readings;
}

function readingOf(value: string): Reading {
  const rawBits = textBits(value);
  const { text, bits } = decoded(value, rawBits);
  const plain = folded(text, bits);
  const views: View[] = [{ kind: 'plain', text: plain, bits }];
  // What was written, too: an encoding can itself be the attack (`%00`, `..%c0%af`).
  if (text !== value) add(views, 'plain', folded(value, rawBits));
  if ((bits & BIT.plus) !== 0 && (bits & BIT.space) === 0) addUnplussed(views, plain);
  if ((bits & BIT.star) !== 0 && plain.includes('/*')) addUncommented(views, plain);
  if ((bits & BIT.control) !== 0) addWithoutLineComments(views, plain);
  if ((bits & GLUE) !== 0) add(views, 'glued', glued(plain, bits));
  if (isSpread(plain, bits)) add(views, 'squeezed', plain.replace(/[ \n]+/g, ''));
  return { decoded: text, views };
}

/** White space within words hides them from readers that keep it, and not from those that drop it. */
function isSpread(plain: string, bits: number): boolean {
  if ((bits & PUNCTUATION) === 0) return false;
  return (bits & BIT.control) !== 0 || ((bits & BIT.space) !== 0 && SPREAD.test(plain));
}

function add(views: View[], kind: ViewKind, text: string): void {
  if (views.every((view) => view.text !== text)) views.push({ kind, text, bits: textBits(text) });
}

const COMMENT = /\/\*(?!!)[^*]{0,4096}(?:\*(?!\/)[^*]{0,512}){0,8}\*\//g;
const VERSIONED = /\/\*!\d{0,6}([^*]{0,4096})\*\//g;

const LINE_COMMENTS = /(?:--|#|\/\/)[^\n]{0,64}\n/g;

/** What interpreters read across lines: comments to the end of one, after those within them. */
function addWithoutLineComments(views: View[], plain: string): void {
  const text = plain.replace(COMMENT, ' ').replace(LINE_COMMENTS, ' ').replace(/ {2,}/g, ' ');
  if (text !== plain) add(views, 'uncommented', text);
}
const PLUS_MIN = 2;

/** A form within a form: its blanks are still `+`. */
function addUnplussed(views: View[], plain: string): void {
  const words = plain.replace(WORDS_PLUSSED, ' ');
  if (plain.length - words.replaceAll(' ', '').length >= PLUS_MIN) add(views, 'plain', words);
}

const WORDS_PLUSSED = /\+(?=[\w'"(#-])/g;

/** SQL's and scripts' comments away: once as a blank, once as nothing; MySQL runs what stands in `/*!…*\/`. */
function addUncommented(views: View[], plain: string): void {
  const run = plain.replace(VERSIONED, ' $1 ');
  add(views, 'uncommented', run.replace(COMMENT, ' ').replace(/ {2,}/g, ' '));
  add(views, 'uncommented', run.replace(COMMENT, ''));
}

const GLUE = BIT.quote | BIT.backslash | BIT.dollar | BIT.caret;
const PUNCTUATION = BIT.colon | BIT.paren | BIT.brace | BIT.slash | BIT.backslash | BIT.angle;
const SPREAD = / (?:\w ){4}/;
const ROUNDS_MAX = 12;

// `'a'+'b'`, `'a'||'b'`, `"a","b"`: halves of a word that an interpreter joins.
const JOINS = /\\?(['"`]) ?(?:\+|\|\||,|\.| ) ?\\?\1/g;
const LOOKUP = /\\?\$\\?\{(?!jndi)[^{}$\n]{0,64}?:-?([^{}$:\n]{0,64})\}/g;
const BLANK_VARIABLE = /\$(?:\{ifs\}|ifs(?:\$\d)?|ifs)/g;
// Shells drop quotes, escapes, empty variables and empty substitutions; cmd.exe drops carets.
const DROPPED = /['"`\\^]|\$[@*\d](?![\w.])|(?<=[a-z])\$[a-z_]{1,3}\d?(?=[\s/]|$)|\$\(\)|\$\{[a-z_]{0,16}\}/g;

/** The text as a shell or an interpreter joins it: no quotes, no escapes, lookups resolved, `$IFS` a blank. */
function glued(plain: string, bits: number): string {
  let text = plain.replace(JOINS, '');
  if ((bits & BIT.dollar) === 0) return text.replace(DROPPED, '');
  text = text.replace(BLANK_VARIABLE, ' ');
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = text.replace(LOOKUP, '$1');
    if (next === text) break;
    text = next;
  }
  return text.replace(DROPPED, '');
}
