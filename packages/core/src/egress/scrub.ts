import { decodeUtf8, encodeUtf8, type Form, formsOf, type Spelling } from './secret-forms.ts';

/** Removes secrets from what leaves (T8, SB18). */
export interface Scrubber {
  /** A whole body. The same object when nothing was found. */
  all(bytes: Uint8Array): Uint8Array;
  /** A header value or another text. */
  text(value: string): string;
  /** For one streamed body. Holds bytes back only while they may be the beginning of a secret. */
  stream(): { push(chunk: Uint8Array): Uint8Array; end(): Uint8Array };
}

/** Shorter secrets would be found where there are none; the configuration refuses them. */
export const SECRET_BYTES_MIN = 8;

/**
 * Replaces each secret by `[secret]`: plain, in JSON escapes, percent-encoded, in Base64 (standard and URL alphabet, at
 * any alignment), and Base64 escaped in these ways. What was cut into chunks gives the same bytes as the whole.
 *
 * Takes one pass over the bytes; where no secret begins, one table look-up for each byte.
 *
 * @throws Error if a secret is shorter than `SECRET_BYTES_MIN`: the configuration was not checked
 */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const unique = [...new Set(secrets)];
  if (unique.some((secret) => encodeUtf8(secret).length < SECRET_BYTES_MIN)) {
    throw new Error(`A secret to scrub is shorter than ${SECRET_BYTES_MIN} bytes.`);
  }
  const search: Search = searchFor(unique);
  const all = (bytes: Uint8Array): Uint8Array => scrub(bytes, search, { isLast: true }).clean;
  return {
    all,
    text(value) {
      const bytes = encodeUtf8(value);
      const clean = all(bytes);
      return clean === bytes ? value : decodeUtf8(clean);
    },
    stream: () => createStream(search),
  };
}

function createStream(search: Search): ReturnType<Scrubber['stream']> {
  let held = new Uint8Array();
  const take = (chunk: Uint8Array, isLast: boolean): Uint8Array => {
    const bytes = held.length === 0 ? chunk : joined([held, chunk]);
    const { clean, rest } = scrub(bytes, search, { isLast });
    held = Uint8Array.from(rest);
    return clean;
  };
  return { push: (chunk) => take(chunk, false), end: () => take(new Uint8Array(), true) };
}

/** What to look for, compiled. */
interface Search {
  /** At each byte, the forms that may begin with it. */
  readonly starts: readonly (readonly Form[])[];
  /** 1 at `first << 8 | second` when some form may begin with these two bytes. */
  readonly pairs: Uint8Array;
  readonly isEmpty: boolean;
  readonly replacement: Uint8Array;
}

function searchFor(secrets: readonly string[]): Search {
  const pairs = new Uint8Array(0x10000);
  const starts = Array.from({ length: 0x100 }, () => new Set<Form>());
  for (const form of secrets.flatMap(formsOf)) {
    for (const [first, second] of beginnings(form)) {
      for (const one of [first & 0xff, first >> 8]) {
        starts[one]?.add(form);
        for (const two of [second & 0xff, second >> 8]) pairs[(one << 8) | two] = 1;
      }
    }
  }
  return {
    starts: starts.map((forms) => [...forms]),
    pairs,
    isEmpty: secrets.length === 0,
    replacement: encodeUtf8(replacementFor(secrets)),
  };
}

/** The first two bytes of a form, in all its spellings. */
function beginnings([first = [], second = []]: Form): readonly (readonly [number, number])[] {
  return first.flatMap(([one = 0, two]) =>
    two === undefined ? second.map(([next = 0]) => [one, next] as const) : [[one, two] as const],
  );
}

/**
 * Ends in characters that no secret holds: otherwise the replacement and its neighbours could together be one.
 */
function replacementFor(secrets: readonly string[]): string {
  const isFree = (ends: string): boolean =>
    secrets.every((secret) => Array.from(ends).every((end) => !secret.includes(end)));
  const [open = '*', close = open] = ['[]', '<>', '()', '*', '~', '#', '|', '!', '?', ';', ':'].find(isFree) ?? '*';
  return `${open}secret${close}`;
}

/** What of `bytes` can leave, and the rest, which may be the beginning of a secret. */
function scrub(
  bytes: Uint8Array,
  search: Search,
  { isLast }: { isLast: boolean },
): { clean: Uint8Array; rest: Uint8Array } {
  const pieces: Uint8Array[] = [];
  let sentTo = 0;
  let at = nextStart(bytes, 0, search);
  while (at < bytes.length) {
    const found = longestAt(bytes, at, search);
    if (found.isOpen && !isLast) break;
    if (found.end > at) {
      pieces.push(bytes.subarray(sentTo, at), search.replacement);
      sentTo = found.end;
    }
    at = nextStart(bytes, Math.max(found.end, at + 1), search);
  }
  const clean = bytes.subarray(sentTo, at);
  const rest = bytes.subarray(at);
  if (pieces.length > 0) return { clean: joined([...pieces, clean]), rest };
  return { clean: at === bytes.length ? bytes : clean, rest };
}

/** The next place where a form may begin. The last byte has no second one yet, so it counts by itself. */
function nextStart(bytes: Uint8Array, from: number, { isEmpty, pairs, starts }: Search): number {
  const last = bytes.length - 1;
  if (isEmpty) return bytes.length;
  for (let at = from; at < last; at += 1) {
    // In range; the fallbacks are for the type.
    if (pairs[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 1) return at;
  }
  return from <= last && startingWith(bytes[last], starts).length > 0 ? last : bytes.length;
}

/** Where the longest form that begins at `at` ends (`at` itself: there is none), and whether more bytes could matter. */
function longestAt(bytes: Uint8Array, at: number, { starts }: Search): { end: number; isOpen: boolean } {
  let end = at;
  let isOpen = false;
  for (const form of startingWith(bytes[at], starts)) {
    const found = matchForm(bytes, at, form);
    end = Math.max(end, found.end);
    isOpen ||= found.isOpen;
  }
  return { end, isOpen };
}

function startingWith(byte: number | undefined, starts: Search['starts']): readonly Form[] {
  return (byte === undefined ? undefined : starts[byte]) ?? [];
}

/** Follows all spellings at once, so a secret that looks like its own escapes costs no backtracking. */
function matchForm(bytes: Uint8Array, at: number, form: Form): { end: number; isOpen: boolean } {
  let isOpen = false;
  let fronts: readonly number[] = [at];
  for (const spellings of form) {
    const reached: number[] = [];
    for (const front of fronts) {
      for (const spelling of spellings) {
        const matched = matchSpelling(bytes, front, spelling);
        if (matched === 'open') isOpen = true;
        else if (matched && !reached.includes(front + spelling.length)) reached.push(front + spelling.length);
      }
    }
    if (reached.length === 0) return { end: at, isOpen };
    fronts = reached;
  }
  return { end: Math.max(...fronts), isOpen };
}

function matchSpelling(bytes: Uint8Array, at: number, spelling: Spelling): boolean | 'open' {
  for (let offset = 0; offset < spelling.length; offset += 1) {
    const either = spelling[offset] ?? 0;
    const byte = bytes[at + offset];
    if (byte === undefined) return 'open';
    if (byte !== (either & 0xff) && byte !== either >> 8) return false;
  }
  return true;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
