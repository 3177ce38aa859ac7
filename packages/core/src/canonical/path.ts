import { canonicalOctets, charTable, PATH_CODES } from './percent.ts';
import type { CanonicalRule } from './refusal.ts';

const SLASH = 0x2f;
const DOT = 0x2e;

/** A path in its one spelling, or the rule it breaks. */
export type CanonicalPath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly rule: CanonicalRule };

/**
 * The one spelling of a path: unreserved octets decoded, others `%XX` in upper case, dot segments resolved.
 *
 * Refuses every path with more than one reading: see `canonicalOctets`; empty segments, which some servers merge; going
 * above the root; segments that only some servers take for dot segments (`..;x`, `%20..`, full-width dots). Path
 * parameters stay: `foldPath` shows what a server makes of them that drops them. Idempotent; never throws; linear in
 * the length.
 */
export function canonicalPath(rawPath: string): CanonicalPath {
  if (rawPath.charCodeAt(0) !== SLASH) return { ok: false, rule: 'path-relative' };
  if (isClean(rawPath)) return { ok: true, path: rawPath };
  const octets = canonicalOctets(rawPath);
  return octets.ok ? resolveDots(octets.text) : octets;
}

/** Whether a path needs no work: no encoding, no segment that is empty or starts with a dot. */
function isClean(path: string): boolean {
  let afterSlash = false;
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    if (PATH_CODES[code] !== 1) return false;
    if (afterSlash && (code === SLASH || code === DOT)) return false;
    afterSlash = code === SLASH;
  }
  return true;
}

function resolveDots(path: string): CanonicalPath {
  const segments = path.slice(1).split('/');
  const last = segments.length - 1;
  const kept: string[] = [];
  for (const [at, segment] of segments.entries()) {
    const rule = segmentRule(segment, { isLast: at === last, depth: kept.length });
    if (rule !== undefined) return { ok: false, rule };
    if (segment === '..') kept.pop();
    if (!isDots(segment)) kept.push(segment);
    else if (at === last) kept.push('');
  }
  return { ok: true, path: `/${kept.join('/')}` };
}

function segmentRule(segment: string, place: { isLast: boolean; depth: number }): CanonicalRule | undefined {
  if (segment === '') return place.isLast ? undefined : 'path-empty-segment';
  if (segment === '..' && place.depth === 0) return 'path-above-root';
  return isDisguisedDots(segment) ? 'path-dot-segment-disguised' : undefined;
}

/** T9: who resolved it would leave the folder in which everybody else sees a name. */
function isDisguisedDots(segment: string): boolean {
  if (PLAIN_SEGMENT.test(segment)) return false;
  return foldText(segment)
    .split(/[/?#\0]/)
    .some((part) => isDots(nameOf(part)));
}

function isDots(name: string): boolean {
  return name === '.' || name === '..';
}

// Neither an encoding nor a parameter: it reads the same to everybody.
const PLAIN_SEGMENT = /^[^%;]*$/;
const FOLDED_CODES = charTable("abcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@/");
const DECODINGS_MAX = 3;

/**
 * What the laxest server could make of a path, for comparing with the fold of another path (T9).
 *
 * Decoded again, compatible and case-folded characters made one, `\` read as `/`, cut at `?`, `#` and NUL, `;parameters`,
 * white space and final dots of segments removed, slashes merged, dot segments resolved, no final slash. Never throws;
 * never for forwarding.
 */
export function foldPath(path: string): string {
  if (isFolded(path)) return path;
  const text = foldText(path);
  const kept: string[] = [];
  for (const segment of text.slice(0, endOfPath(text)).split('/')) {
    const name = nameOf(segment);
    if (name === '..') kept.pop();
    const bare = withoutFinalDots(name);
    if (bare !== '') kept.push(bare);
  }
  return `/${kept.join('/')}`;
}

/**
 * What a server could make of a path that ignores case, parameters and spelling but drops no segment (T9).
 *
 * `foldPath` takes `/a/;x/b` for `/a/b`; to others it has three segments, and a pattern of three must see it.
 */
export function foldSegments(path: string): string {
  if (isFolded(path)) return path;
  const segments = path.replace(/\/$/, '').slice(1).split('/');
  return `/${segments.map(foldSegment).join('/')}`;
}

function foldSegment(segment: string): string {
  const name = withoutFinalDots(nameOf(foldText(segment)));
  return (name === '' ? segment : name).replaceAll('/', '_');
}

function foldText(text: string): string {
  return foldCharacters(decodeAgain(text)).replaceAll('\\', '/');
}

function nameOf(segment: string): string {
  return segment.split(';', 1).join('').trim();
}

function isFolded(path: string): boolean {
  let before = 0;
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    if (FOLDED_CODES[code] !== 1) return false;
    if (code === SLASH && (before === SLASH || before === DOT)) return false;
    before = code;
  }
  return before !== DOT && path.charCodeAt(0) === SLASH && (before !== SLASH || path.length === 1);
}

/** Percent-decodes until nothing changes, a bounded number of times: each pass may only shorten what the last one left. */
function decodeAgain(path: string): string {
  let text = path;
  for (let pass = 0; pass < DECODINGS_MAX && text.includes('%'); pass += 1) {
    text = text.replace(/(?:%[\da-f]{2})+/gi, decodeRun);
  }
  return text;
}

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    // No UTF-8: a lax reader takes each octet for a Latin-1 character.
    return run.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

/** Upper before lower case, because `ı` and `ſ` become ASCII letters only that way. */
function foldCharacters(text: string): string {
  const isAscii = !/[^\0-\u007f]/.test(text);
  if (isAscii) return text.toLowerCase();
  const compatible = text.normalize('NFKD').replace(/[\p{M}\p{Cf}]+/gu, '');
  return compatible.toUpperCase().toLowerCase();
}

function endOfPath(text: string): number {
  const end = text.search(/[?#\0]/);
  return end < 0 ? text.length : end;
}

function withoutFinalDots(text: string): string {
  let end = text.length;
  // Not `/[.\s]+$/`: that is quadratic on long runs inside.
  while (end > 0 && /[.\s]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
