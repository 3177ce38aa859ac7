const PERCENT = 0x25;

/**
 * Decodes `%XX` and `%uXXXX` as leniently as the laxest server: what is no encoding stays, overlong UTF-8 becomes the
 * character that it hides, and octets that are no UTF-8 become Latin-1 characters. Linear; never throws.
 */
export function percentDecoded(text: string): string {
  let out = '';
  let from = 0;
  let at = text.indexOf('%');
  while (at >= 0) {
    const piece = unicodeEscape(text, at) ?? octets(text, at);
    if (piece !== undefined) {
      out += text.slice(from, at) + piece.text;
      from = piece.end;
    }
    at = text.indexOf('%', piece?.end ?? at + 1);
  }
  return from === 0 ? text : out + text.slice(from);
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

/** `%u003c`: what old Microsoft servers and some scripts write. */
function unicodeEscape(text: string, at: number): Piece | undefined {
  if ((text.charCodeAt(at + 1) | 0x20) !== 0x75) return undefined;
  const code = hexValue(text, at + 2, 4);
  return code < 0 ? undefined : { text: String.fromCharCode(code), end: at + 6 };
}

function octets(text: string, at: number): Piece | undefined {
  const lead = octetAt(text, at);
  if (lead < 0) return undefined;
  if (lead < 0xc0) return { text: String.fromCharCode(lead), end: at + 3 };
  return sequence(text, at, lead) ?? hidden(text, at, lead) ?? { text: String.fromCharCode(lead), end: at + 3 };
}

/** A sequence of UTF-8 by its shape, overlong ones and the five- and six-octet forms of old too. */
function sequence(text: string, at: number, lead: number): Piece | undefined {
  const count = continuations(lead);
  let code = lead & (0x3f >> count);
  for (let index = 1; index <= count; index += 1) {
    const octet = octetAt(text, at + index * 3);
    if ((octet & 0xc0) !== 0x80) return undefined;
    code = code * 64 + (octet & 0x3f);
  }
  const end = at + (count + 1) * 3;
  return code > 0x10ffff ? undefined : { text: String.fromCodePoint(code), end };
}

/** `%c0%2f`, `%c0.`: some decoders never look whether the second octet continues anything. */
function hidden(text: string, at: number, lead: number): Piece | undefined {
  if (lead > 0xc1) return undefined;
  const octet = octetAt(text, at + 3);
  const second = octet < 0 ? text.charCodeAt(at + 3) : octet;
  if (!(second < 0x80)) return undefined;
  const end = octet < 0 ? at + 4 : at + 6;
  const folded = ((lead & 1) << 6) | (second & 0x3f);
  // `.`, `/` and `\` are what this is done for; anything else keeps its second octet.
  const isSeparator = folded === 0x2e || folded === 0x2f || folded === 0x5c;
  return { text: String.fromCharCode(isSeparator ? folded : second), end };
}

function continuations(lead: number): number {
  if (lead < 0xe0) return 1;
  if (lead < 0xf0) return 2;
  if (lead < 0xf8) return 3;
  return lead < 0xfc ? 4 : 5;
}

function octetAt(text: string, at: number): number {
  return text.charCodeAt(at) === PERCENT ? hexValue(text, at + 1, 2) : -1;
}

/** The value of `digits` hexadecimal digits at `at`, or -1. */
export function hexValue(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
