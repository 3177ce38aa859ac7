const PLAIN = /^[\t\n\r -~]*$/;
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
const DIGIT = /^\p{Nd}$/u;

/**
 * Text as a person reads it: wide, narrow and styled characters as plain ones, digits of every script as 0 to 9, dashes,
 * blanks and full stops of one kind, and nothing invisible. Linear.
 */
export function legible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .normalize('NFKC')
    .replace(IGNORED, '')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/[\p{Zs}\t]/gu, ' ')
    .replaceAll('。', '.')
    .replace(OTHER_DIGIT, asciiDigit);
}

/** Unicode lays the ten digits of a script out in a row that begins at a code ending in 0 or in 6. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const rank = code % 16;
  const beginsAtZero = rank <= 9 && DIGIT.test(String.fromCodePoint(code - rank));
  return String(beginsAtZero ? rank : rank - 6);
}
