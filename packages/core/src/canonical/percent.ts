import type { CanonicalRule } from './refusal.ts';

const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
const SUB_DELIMS = "!$&'()*+,;=";

/** Which ASCII codes are in `characters`: one look-up per character where a regular expression would cost more. */
export function charTable(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

const UNRESERVED_CODES = charTable(UNRESERVED);
/** RFC 3986 §3.3: what may stand in a path as it is, `/` included. */
export const PATH_CODES: Uint8Array = charTable(`${UNRESERVED}${SUB_DELIMS}:@/`);

const PERCENT = 0x25;

type Octets = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly rule: CanonicalRule };
type Piece = { readonly text: string; readonly end: number } | { readonly rule: CanonicalRule };

/**
 * Gives every octet of a path its one spelling: unreserved ones decoded, others `%XX` in upper case (RFC 3986 §6.2.2).
 *
 * Refuses octets that readers take for different things: `\`, `%5C`, `%2F`, control bytes, invalid or overlong UTF-8,
 * and whatever would mean something else after a second decoding.
 */
export function canonicalOctets(raw: string): Octets {
  let text = '';
  let from = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at);
    if (code !== PERCENT) {
      if (PATH_CODES[code] !== 1) return { ok: false, rule: code === 0x5c ? 'path-backslash' : 'path-character' };
      continue;
    }
    const piece = decodedPiece(raw, at);
    if ('rule' in piece) return { ok: false, rule: piece.rule };
    text += raw.slice(from, at) + piece.text;
    from = piece.end;
    at = piece.end - 1;
  }
  text += raw.slice(from);
  // `%25` before what completes an encoding, in this notation or in the old `%uXXXX` one.
  return /%25[uU]?[\dA-Fa-f]{2}/.test(text) ? { ok: false, rule: 'path-double-encoding' } : { ok: true, text };
}

function decodedPiece(raw: string, at: number): Piece {
  const octet = octetAt(raw, at);
  if (octet < 0) return { rule: 'path-percent' };
  if (octet >= 0x80) return multibytePiece(raw, at);
  const end = at + 3;
  if (UNRESERVED_CODES[octet] === 1) return { text: String.fromCharCode(octet), end };
  if (octet < 0x20 || octet === 0x7f) return { rule: 'path-encoded-control' };
  if (octet === 0x2f || octet === 0x5c) return { rule: 'path-encoded-separator' };
  return { text: raw.slice(at, end).toUpperCase(), end };
}

function multibytePiece(raw: string, at: number): Piece {
  const end = utf8End(raw, at);
  return end < 0 ? { rule: 'path-utf8' } : { text: raw.slice(at, end).toUpperCase(), end };
}

/** Where the UTF-8 sequence ends that starts at `at`; -1 when it is none of RFC 3629 §4 (overlong, surrogate, cut). */
function utf8End(raw: string, at: number): number {
  const lead = octetAt(raw, at);
  const count = continuationCount(lead);
  if (count === 0) return -1;
  const [lowest, highest] = secondOctetRange(lead);
  const second = octetAt(raw, at + 3);
  if (second < lowest || second > highest) return -1;
  for (let index = 2; index <= count; index += 1) {
    const octet = octetAt(raw, at + index * 3);
    if (octet < 0x80 || octet > 0xbf) return -1;
  }
  return at + (count + 1) * 3;
}

function continuationCount(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
}

function secondOctetRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

/** The octet that `%XX` at `at` encodes, or -1. */
function octetAt(raw: string, at: number): number {
  if (raw.charCodeAt(at) !== PERCENT) return -1;
  const high = hexDigit(raw.charCodeAt(at + 1));
  const low = hexDigit(raw.charCodeAt(at + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
