/** What kinds of characters a text holds: one bit each, found in one pass. */
export const BIT = {
  percent: 1,
  backslash: 2,
  ampersand: 4,
  wide: 8,
  control: 16,
  quote: 32,
  dollar: 64,
  angle: 128,
  paren: 256,
  plus: 512,
  star: 1024,
  space: 2048,
  brace: 4096,
  hash: 8192,
  semicolon: 16384,
  slash: 32768,
  colon: 65536,
  equals: 131072,
  other: 262144,
  caret: 524288,
} as const;

const KINDS: readonly (readonly [string, number])[] = [
  ['%', BIT.percent],
  ['\\', BIT.backslash],
  ['&', BIT.ampersand],
  ['\'"`', BIT.quote],
  ['$', BIT.dollar],
  ['<>', BIT.angle],
  ['()', BIT.paren],
  ['+', BIT.plus],
  ['*', BIT.star],
  [' ', BIT.space],
  ['{}[]', BIT.brace],
  ['#', BIT.hash],
  [';', BIT.semicolon],
  ['/', BIT.slash],
  [':', BIT.colon],
  ['=', BIT.equals],
  ['!,?@|~', BIT.other],
  ['^', BIT.caret],
];

const BITS = bitTable();

function bitTable(): Int32Array {
  const table = new Int32Array(128);
  for (let code = 0; code < 0x20; code += 1) table[code] = BIT.control;
  table[0x7f] = BIT.control;
  for (const [characters, bit] of KINDS) {
    for (const character of characters) table[character.charCodeAt(0)] = bit;
  }
  return table;
}

/** The bits of every character in `text`, put together. Letters, digits, `-`, `.` and `_` have none. */
export function textBits(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    bits |= code < 128 ? (BITS[code] ?? 0) : BIT.wide;
  }
  return bits;
}
