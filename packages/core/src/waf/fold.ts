import { BIT } from './text-bits.ts';

/* Characters that databases, file systems and shells take for an ASCII one, beyond what NFKC makes of them. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ['ʼ', "'"],
  ['ʹ', "'"],
  ['′', "'"],
  ['″', '"'],
  ['∕', '/'],
  ['⁄', '/'],
  ['∖', '\\'],
  ['⧵', '\\'],
  ['\u560a', '\n'],
  ['\u560d', '\n'],
  ['。', '.'],
  ['‹', '<'],
  ['›', '>'],
  ['〈', '<'],
  ['〉', '>'],
  ['ı', 'i'],
  ['ſ', 's'],
  ['а', 'a'],
  ['е', 'e'],
  ['о', 'o'],
  ['р', 'p'],
  ['с', 'c'],
  ['у', 'y'],
  ['х', 'x'],
  ['і', 'i'],
  ['ј', 'j'],
  ['ѕ', 's'],
  ['ԁ', 'd'],
  ['ո', 'n'],
  ['ο', 'o'],
  ['α', 'a'],
  ['ν', 'v'],
]);

const LOOKALIKE = new RegExp(`[${[...LOOKALIKES.keys()].join('')}]`, 'gu');
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g;
const BLANKS =
  /[ \t\v\f\0\u0001-\u0008\u000e-\u001f\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{2,}|[\t\v\f\u0001-\u0008\u000e-\u001f\u007f\u0085\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const BREAKS = /[\r\n\u2028\u2029]\s*/g;

/**
 * Lower case, compatible and look-alike characters as their ASCII ones, no invisible ones, no NUL; runs of white space
 * are one blank, or one line break where they hold one.
 */
export function folded(text: string, bits: number): string {
  const narrow = (bits & BIT.wide) === 0 ? text.toLowerCase() : narrowed(text);
  if ((bits & BIT.control) !== 0) return spaced(narrow.replaceAll('\0', ''));
  return (bits & (BIT.space | BIT.wide)) !== 0 ? narrow.replace(BLANKS, ' ') : narrow;
}

/** NFKC before the look-alikes, and before case: full-width letters have cases of their own. */
function narrowed(text: string): string {
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .toLowerCase()
    .replace(LOOKALIKE, (it) => LOOKALIKES.get(it) ?? it);
}

function spaced(text: string): string {
  return text.replace(BREAKS, '\n').replace(BLANKS, ' ');
}
