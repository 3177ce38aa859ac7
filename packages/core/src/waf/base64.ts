import { base64Octets, isAlphabet } from './escapes.ts';

const LENGTH_MIN = 8;
const SHAPE = /^[A-Za-z0-9+/_-]+={0,2}$/;
const RUN_CHARS_MIN = 16;
const RUNS_MAX = 8;
const PEEK_CHARS = 256;

/**
 * The texts that a value carries in Base64: the whole value, or runs of at least 16 characters in it.
 *
 * Only what decodes to printable text counts: ids, hashes and pictures do not.
 */
export function base64Texts(value: string): readonly string[] {
  if (value.length < LENGTH_MIN) return [];
  if (SHAPE.test(value)) {
    const text = printable(value);
    return text === undefined ? [] : [text];
  }
  const comma = value.indexOf(';base64,');
  const runs = comma >= 0 ? [value.slice(comma + 8)] : runsIn(value);
  return runs.map(printable).filter((text) => text !== undefined);
}

/** Runs of the alphabet that are long enough to say something. A loop, because nearly every text has none. */
function runsIn(value: string): readonly string[] {
  const runs: string[] = [];
  let from = 0;
  for (let at = 0; at <= value.length && runs.length < RUNS_MAX; at += 1) {
    if (isAlphabet(value.charCodeAt(at))) continue;
    if (at - from >= RUN_CHARS_MIN) runs.push(value.slice(from, at));
    from = at + 1;
  }
  return runs;
}

function printable(run: string): string | undefined {
  // Hexadecimal digests and plain words decode to noise: four characters of a kind settle it early.
  if (!isPrintable(base64Octets(run.slice(0, PEEK_CHARS)))) return undefined;
  const octets = base64Octets(run);
  if (!isPrintable(octets)) return undefined;
  let text = '';
  for (let at = 0; at < octets.length; at += 4096) text += String.fromCharCode(...octets.subarray(at, at + 4096));
  return text;
}

/** Mostly ASCII that people type: one octet in eight may be none of it. */
function isPrintable(octets: Uint8Array): boolean {
  if (octets.length < 5) return false;
  let odd = 0;
  for (const octet of octets) {
    const isText = (octet >= 0x20 && octet < 0x7f) || octet === 0x0a || octet === 0x0d || octet === 0x09;
    if (!isText) odd += 1;
  }
  return odd * 8 <= octets.length;
}
