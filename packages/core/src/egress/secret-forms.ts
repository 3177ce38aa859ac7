/**
 * One way to write a part of a secret: for each byte the one or two values it may have, as `low | high << 8`.
 * Two values where hexadecimal digits may have either case.
 */
export type Spelling = readonly number[];

/** A text that must not leave: each part in any of its spellings, in any mixture. */
export type Form = readonly (readonly Spelling[])[];

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

/** Plain and Base64 at each of the three alignments; JSON and percent escapes are spellings of each. */
export function formsOf(secret: string): readonly Form[] {
  const bytes = encodeUtf8(secret);
  return [formOf(secret), ...[0, 1, 2].map((shift) => formOf(base64Core(bytes, shift)).map(withUrlAlphabet))];
}

function formOf(text: string): Form {
  return Array.from(text, spellingsOf);
}

function spellingsOf(char: string): readonly Spelling[] {
  const short = SHORT_ESCAPES[char];
  return [
    ...rawOrPercent(encodeUtf8(char)),
    jsonEscape(char),
    ...(short === undefined ? [] : [exactly(`\\${short}`)]),
    // Forms write a space as a plus sign.
    ...(char === ' ' ? [exactly('+')] : []),
  ];
}

/** Each byte for itself or as `%XX`: any subset may be encoded. */
function rawOrPercent(bytes: Uint8Array): readonly Spelling[] {
  let spellings: readonly Spelling[] = [[]];
  for (const byte of bytes) {
    const ways = [[byte | (byte << 8)], anyCase(`%${hex(byte, 2)}`)];
    spellings = spellings.flatMap((before) => ways.map((way) => [...before, ...way]));
  }
  return spellings;
}

function jsonEscape(char: string): Spelling {
  return Array.from({ length: char.length }, (_, at) => [
    ...exactly('\\u'),
    ...anyCase(hex(char.charCodeAt(at), 4)),
  ]).flat();
}

function withUrlAlphabet(spellings: readonly Spelling[]): readonly Spelling[] {
  const [plain] = spellings;
  if (plain?.[0] === exactly('+')[0]) return [...spellings, ...spellingsOf('-')];
  if (plain?.[0] === exactly('/')[0]) return [...spellings, ...spellingsOf('_')];
  return spellings;
}

function exactly(text: string): Spelling {
  return Array.from(text, (char) => char.charCodeAt(0) | (char.charCodeAt(0) << 8));
}

function anyCase(text: string): Spelling {
  return Array.from(text, (char) => char.toLowerCase().charCodeAt(0) | (char.toUpperCase().charCodeAt(0) << 8));
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** The Base64 characters that depend on nothing but the secret, wherever in a text it stands (RFC 4648 §4). */
function base64Core(bytes: Uint8Array, shift: number): string {
  const bits = [...new Uint8Array(shift), ...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const first = Math.ceil((8 * shift) / 6);
  const count = Math.floor(bits.length / 6) - first;
  return Array.from({ length: count }, (_, at) => {
    const from = 6 * (first + at);
    return BASE64.charAt(Number.parseInt(bits.slice(from, from + 6), 2));
  }).join('');
}

/** UTF-8, lone surrogates as three bytes of their own, so that `decodeUtf8` gives every text back. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code, 0));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code, 6), tail(code, 0));
    else bytes.push(0xf0 | (code >> 18), tail(code, 12), tail(code, 6), tail(code, 0));
  }
  return Uint8Array.from(bytes);
}

function tail(code: number, shift: number): number {
  return 0x80 | ((code >> shift) & 0x3f);
}

/** The inverse of `encodeUtf8`; only for bytes that it made. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let code = length === 1 ? lead : lead & (0x7f >> length);
    for (let next = 1; next < length; next += 1) code = (code << 6) | ((bytes[at + next] ?? 0) & 0x3f);
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}
