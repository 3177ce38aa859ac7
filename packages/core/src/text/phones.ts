import { type DigitGroup, digitGroups } from './digit-groups.ts';
import { legible } from './legible.ts';
import { isPhoneNumber } from './phone-shape.ts';

const MAY_HOLD = /\p{Nd}/u;
const GROUPS_MAX = 8;
const DIGITS_MAX = 17;
const NAME_CHARS = 40;

const NAMED =
  /(?:tel|phone|call|mobile|cell|whats ?app|viber|signal|sms|text|fax|dial|ring|hotline|contact|reach|number|telefon\p{L}{0,3}|t[ée]l[ée]phone|tel[ée]fono|appel\p{L}{0,3}|handy|mobil|m[óo]vil|celular|ruf|тел|звон\p{L}{0,4}|电话|手机|電話|☎|📞|📱|✆)[^\d\n]{0,16}$/iu;
/* A part of a name, an amount, a path, an identifier. */
const BOUND_BEFORE = /(?:[\p{L}\p{N}_@#=/%&\\]|[$€£¥] ?|[\p{L}\p{N}_][-.])$/u;
const BOUND_AFTER = /^(?:[\p{L}\p{N}_@%]|-\p{L})/u;
const IBAN = /\b[A-Z]{2}\d{2} ?[A-Z]{4} ?$/;

/**
 * The telephone numbers in a text, at most one more than `most`: of any country with its calling code, and in the forms
 * that countries write for themselves. Linear in the text.
 */
export function phonesIn(text: string, most: number): readonly string[] {
  if (!MAY_HOLD.test(text)) return [];
  const plain = legible(text);
  const groups = digitGroups(plain);
  const found: string[] = [];
  let at = 0;
  let isFree = true;
  while (at < groups.length && found.length <= most) {
    const last = lastOfPhone(plain, groups, { at, isFree });
    if (last === undefined) {
      at += 1;
      isFree = false;
      continue;
    }
    found.push(plain.slice(groups[at]?.start, groups[last]?.end));
    at = last + 1;
    // What follows a number without a word between may be the next one.
    isFree = true;
  }
  return found;
}

interface Beginning {
  readonly at: number;
  /** Whether a number may begin here, though another group hangs on it. */
  readonly isFree: boolean;
}

/** Where the longest number that begins at a group ends; undefined when none does. */
function lastOfPhone(text: string, groups: readonly DigitGroup[], { at, isFree }: Beginning): number | undefined {
  const row = rowFrom(groups, at);
  const [first] = row;
  if (first === undefined) return undefined;
  const start = startOf(text, first);
  // Within a longer row only a `+` begins a number anew.
  if (start.sign !== 'plus' && (start.isBound || (first.gap !== undefined && !isFree))) return undefined;
  const length = row.findLastIndex((group, index) => {
    if (!endsHere(text, group, groups[at + index + 1])) return false;
    const part = row.slice(0, index + 1);
    const shape = part.map(({ digits }) => digits.length).join('-');
    const written = text.slice(first.start, group.end);
    return isPhoneNumber({ digits: part.map(({ digits }) => digits).join(''), shape, written, ...start });
  });
  return length < 0 ? undefined : at + length;
}

/** The groups that may be parts of one number. */
function rowFrom(groups: readonly DigitGroup[], at: number): readonly DigitGroup[] {
  const row: DigitGroup[] = [];
  let count = 0;
  for (const group of groups.slice(at, at + GROUPS_MAX)) {
    count += group.digits.length;
    if (count > DIGITS_MAX || (row.length > 0 && group.gap === undefined)) break;
    row.push(group);
  }
  return row;
}

function startOf(text: string, { start }: DigitGroup) {
  const before = text.slice(Math.max(0, start - NAME_CHARS), start);
  const sign = /\+ ?\(?$/.test(before) ? 'plus' : before.endsWith('(') ? 'paren' : undefined;
  return { sign, isNamed: NAMED.test(before), isBound: BOUND_BEFORE.test(before) || IBAN.test(before) } as const;
}

/** A number ends where a word or a blank does: not in the middle of a longer row. */
function endsHere(text: string, { end }: DigitGroup, next: DigitGroup | undefined): boolean {
  if (next?.gap !== undefined) return next.gap.includes(' ');
  return !BOUND_AFTER.test(text.slice(end, end + 2));
}
