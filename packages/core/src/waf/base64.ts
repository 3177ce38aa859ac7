import { base64Octets, isAlphabet } from './escapes.ts';
import { hexValue, percentDecoded } from './percent.ts';

const LENGTH_MIN = 8;
const SHAPE = /^[A-Za-z0-9+/_-]+={0,2}$/;
const HEX = /^(?:0x)?(?:[\dA-Fa-f]{2}){5,}$/;
const RUN_CHARS_MIN = 16;
const RUNS_MAX = 32;
const PEEK_CHARS = 256;
const HIGH = /[\x80-\xff]/g;

/**
 * The texts that a value carries in Base64 or hexadecimal digits: the whole value, or runs of at least 16 characters in it.
 *
 * Only what decodes to printable text counts: ids, hashes and pictures do not.
 */
export function base64Texts(value: string): readonly string[] {
  if (value.length < LENGTH_MIN) return [];
  const runs = SHAPE.test(value) ? [value] : runsIn(value);
  return runs.flatMap(textsOf);
}

/** Runs of the alphabet that are long enough to say something. A loop, because nearly every text has none. */
function runsIn(value: string): readonly string[] {
  const runs: string[] = [];
  let from = 0;
  for (let at = 0; at <= value.length && runs.length < RUNS_MAX; at += 1) {
    if (isAlphabet(value.charCodeAt(at))) continue;
    if (at - from >= RUN_CHARS_MIN || (at - from >= LENGTH_MIN && value.startsWith('base64,', from - 7))) {
      runs.push(value.slice(from, at));
    }
    from = at + 1;
  }
  return runs;
}

function textsOf(run: string): readonly string[] {
  const texts: string[] = [];
  const encoded = isMixed(run) ? printable(run, base64Octets) : undefined;
  if (encoded !== undefined) texts.push(encoded);
  const hex = HEX.test(run) ? printable(run, hexOctets) : undefined;
  if (hex !== undefined) texts.push(hex);
  return texts;
}

/** Text in Base64 has letters of both cases; most names and numbers of parts have not. */
function isMixed(run: string): boolean {
  let hasLower = false;
  let hasUpper = false;
  for (let at = 0; at < run.length && !(hasLower && hasUpper); at += 1) {
    const code = run.charCodeAt(at);
    hasLower ||= code >= 0x61 && code <= 0x7a;
    hasUpper ||= code >= 0x41 && code <= 0x5a;
  }
  return hasLower && hasUpper;
}

/** Hexadecimal digits in pairs, `0x` before them or not. */
function hexOctets(run: string): Uint8Array {
  const from = run.startsWith('0x') ? 2 : 0;
  return Uint8Array.from({ length: (run.length - from) >> 1 }, (_, index) => hexValue(run, from + index * 2, 2));
}

function printable(run: string, decode: (run: string) => Uint8Array): string | undefined {
  // Hexadecimal digests and plain words decode to noise: four characters of a kind settle it early.
  if (!isPrintable(withoutNuls(decode(run.slice(0, PEEK_CHARS))))) return undefined;
  const octets = withoutNuls(decode(run));
  if (!isPrintable(octets)) return undefined;
  let text = '';
  for (let at = 0; at < octets.length; at += 4096) text += String.fromCharCode(...octets.subarray(at, at + 4096));
  // Octets of UTF-8 become what they stand for by way of `%XX`; a `%` of the text's own is decoded sooner or later anyway.
  return percentDecoded(text.replaceAll(HIGH, (octet) => `%${octet.charCodeAt(0).toString(16)}`));
}

/** UTF-16 of ASCII, which PowerShell takes for its commands, has a NUL beside each character. */
function withoutNuls(octets: Uint8Array): Uint8Array {
  return octets[1] === 0 && octets[3] === 0 ? octets.filter((octet) => octet !== 0) : octets;
}

/** Mostly text in UTF-8: one octet in eight may be none of it. */
function isPrintable(octets: Uint8Array): boolean {
  if (octets.length < 5) return false;
  let odd = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    if ((octet >= 0x20 && octet < 0x7f) || octet === 0x0a || octet === 0x0d || octet === 0x09) continue;
    const length = sequenceLength(octets, at);
    if (length === 0) odd += 1;
    else at += length - 1;
  }
  return odd * 8 <= octets.length;
}

/** How many octets a character of the basic plane takes, outside ASCII; 0 where none begins. */
function sequenceLength(octets: Uint8Array, at: number): number {
  const lead = octets[at] ?? 0;
  if (lead < 0xc2 || lead >= 0xf0) return 0;
  const length = lead < 0xe0 ? 2 : 3;
  for (let next = at + 1; next < at + length; next += 1) {
    if (((octets[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
