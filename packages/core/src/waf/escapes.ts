import { hexValue } from './percent.ts';

const BACKSLASH = '\\';

/** Decodes `\uXXXX`, `\u{X…}`, `\xHH` and `\x{HH}` of scripts and JSON; every other backslash stays. Linear. */
export function escapesDecoded(text: string): string {
  let out = '';
  let from = 0;
  let at = text.indexOf(BACKSLASH);
  while (at >= 0) {
    const piece = escapeAt(text, at);
    if (piece !== undefined) {
      out += text.slice(from, at) + piece.text;
      from = piece.end;
    }
    at = text.indexOf(BACKSLASH, piece?.end ?? at + 1);
  }
  return from === 0 ? text : out + text.slice(from);
}

function escapeAt(text: string, at: number): { text: string; end: number } | undefined {
  const kind = text.charAt(at + 1);
  if (kind !== 'u' && kind !== 'x') return undefined;
  if (text.charAt(at + 2) === '{') return braced(text, at);
  const digits = kind === 'u' ? 4 : 2;
  const code = hexValue(text, at + 2, digits);
  return code < 0 ? undefined : { text: String.fromCharCode(code), end: at + 2 + digits };
}

const BRACED_DIGITS_MAX = 8;

function braced(text: string, at: number): { text: string; end: number } | undefined {
  for (let digits = 1; digits <= BRACED_DIGITS_MAX; digits += 1) {
    if (text.charAt(at + 3 + digits) !== '}') continue;
    const code = hexValue(text, at + 3, digits);
    return code < 0 || code > 0x10ffff ? undefined : { text: String.fromCodePoint(code), end: at + 4 + digits };
  }
  return undefined;
}

const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
    colon: ':',
    semi: ';',
    equals: '=',
    lpar: '(',
    rpar: ')',
    lbrace: '{',
    rbrace: '}',
    lcub: '{',
    rcub: '}',
    lsqb: '[',
    rsqb: ']',
    lbrack: '[',
    rbrack: ']',
    sol: '/',
    bsol: '\\',
    period: '.',
    comma: ',',
    tab: '\t',
    newline: '\n',
    nbsp: ' ',
    grave: '`',
    excl: '!',
    num: '#',
    dollar: '$',
    percnt: '%',
    plus: '+',
    ast: '*',
    commat: '@',
    lowbar: '_',
    vert: '|',
    hyphen: '-',
    dash: '-',
    zwj: '',
    zwnj: '',
  }),
);

const ENTITY = /&(?:#0{0,24}(\d{1,7});?|#[xX]0{0,24}([\dA-Fa-f]{1,6});?|([A-Za-z]{2,8});)/g;
const BARE_ENTITY = /&(lt|gt|quot|amp)(?![A-Za-z;=])/g;

/** Decodes character references of HTML, with and without the semicolon where browsers do. Linear. */
export function entitiesDecoded(text: string): string {
  return text
    .replace(ENTITY, (whole: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0x10ffff ? whole : String.fromCodePoint(code);
    })
    .replace(BARE_ENTITY, (_, name: string) => NAMED.get(name) ?? '');
}

const UTF7 = /\+A([A-Za-z0-9+/]{2,22})-/g;

/** Decodes the runs of UTF-7 that old browsers took for markup (`+ADw-script+AD4-`). Linear. */
export function utf7Decoded(text: string): string {
  return text.replace(UTF7, (whole: string, run: string) => {
    const octets = base64Octets(`A${run}`);
    let decoded = '';
    for (let at = 0; at + 1 < octets.length; at += 2) {
      const code = (octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0);
      if (code === 0 || code > 0x7f) return whole;
      decoded += String.fromCharCode(code);
    }
    return decoded;
  });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SIXTETS = sixtets();

function sixtets(): Int8Array {
  const table = new Int8Array(128).fill(-1);
  for (let value = 0; value < 64; value += 1) table[ALPHABET.charCodeAt(value)] = value;
  table['-'.charCodeAt(0)] = 62;
  table['_'.charCodeAt(0)] = 63;
  return table;
}

/** Whether a character may stand in Base64, URL-safe or not. */
export function isAlphabet(code: number): boolean {
  return code < 128 && (SIXTETS[code] ?? -1) >= 0;
}

/** The octets of Base64, URL-safe or not, up to the first character that is none of it. */
export function base64Octets(text: string): Uint8Array {
  const octets = new Uint8Array(Math.floor((text.length * 3) / 4));
  let count = 0;
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sixtet = SIXTETS[text.charCodeAt(at)] ?? -1;
    if (sixtet < 0) break;
    bits = ((bits << 6) | sixtet) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets[count] = (bits >> held) & 0xff;
    count += 1;
  }
  return octets.subarray(0, count);
}
