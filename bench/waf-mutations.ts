import type { Chance } from './waf-requests.ts';

/** Writes a payload so that a reader who does not decode, fold or join sees something else. */
export type Mutation = (text: string, pick: Chance) => string;

const hex = (character: string, width: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(width, '0');
const percent = (text: string): string => encodeURIComponent(text.toWellFormed());
const escaped = (text: string, write: (character: string) => string): string =>
  text.replaceAll(/[^A-Za-z0-9 ]/g, write);

/** Encodings that some layer of servers undoes, and letters that some layer takes for others. */
export const ENCODINGS: Readonly<Record<string, Mutation>> = {
  url: percent,
  'url twice': (text) => percent(percent(text)),
  'url thrice': (text) => percent(percent(percent(text))),
  'every octet': (text) => [...Buffer.from(text)].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join(''),
  '%u': (text) => escaped(text, (it) => `%u${hex(it, 4)}`),
  '\\u': (text) => escaped(text, (it) => `\\u${hex(it, 4)}`),
  '\\u{}': (text) => escaped(text, (it) => `\\u{${hex(it, 1)}}`),
  '\\x': (text) => escaped(text, (it) => `\\x${hex(it, 2)}`),
  'entities hex': (text) => escaped(text, (it) => `&#x${hex(it, 2)};`),
  'entities decimal': (text) => escaped(text, (it) => `&#${it.codePointAt(0)};`),
  'entities padded': (text) => escaped(text, (it) => `&#0000${it.codePointAt(0)};`),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 twice': (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  'base64 of url': (text) => Buffer.from(percent(text)).toString('base64'),
  'base64 in url': (text) => percent(Buffer.from(text).toString('base64')),
  hex: (text) => Buffer.from(text).toString('hex'),
  case: (text, pick) => text.replaceAll(/[a-z]/g, (it) => (pick.below(2) === 0 ? it.toUpperCase() : it)),
  'full width': (text) => text.replaceAll(/[!-~]/g, (it) => String.fromCharCode(it.charCodeAt(0) + 0xfee0)),
  overlong: (text) =>
    text.replaceAll(/[./\\<>'";|&]/g, (it) => {
      const code = it.charCodeAt(0);
      return `%${(0xc0 | (code >> 6)).toString(16)}%${(0x80 | (code & 0x3f)).toString(16)}`;
    }),
  invisible: (text) => Array.from(text).join('\u200b'),
  'utf-7': (text) =>
    text.replaceAll(
      /[<>"'&;]/g,
      (it) => `+${Buffer.from(`\0${it}`, 'latin1').toString('base64').replaceAll('=', '')}-`,
    ),
};

/** What interpreters of a class skip or join. */
export const DISGUISES: Readonly<Record<string, Readonly<Record<string, Mutation>>>> = {
  sqli: {
    comments: (text) => text.replaceAll(' ', '/**/'),
    'comments with words': (text) => text.replaceAll(' ', '/*k*/'),
    'line ends': (text) => text.replaceAll(' ', '%0a'),
    tabs: (text) => text.replaceAll(' ', '\t'),
    'line comments': (text) => text.replaceAll(' ', '--x%0a'),
    'no-break blanks': (text) => text.replaceAll(' ', '\u00a0'),
    plus: (text) => text.replaceAll(' ', '+'),
    'versioned comments': (text) => text.replaceAll(/\b(union|select|from|where)\b/gi, '/*!50000$1*/'),
  },
  xss: {
    'tabs in words': (text) => text.replaceAll('script', 'scr\tipt'),
    slashes: (text) => text.replaceAll(/(<\w+) /g, '$1/'),
    'line ends': (text) => text.replaceAll(/(<\w+) /g, '$1\n'),
    'nul in tags': (text) => text.replaceAll(/<(\w)/g, '<\0$1'),
  },
  rce: {
    ifs: (text) => text.replaceAll(/(\w) (?=[\w/-])/g, '$1${IFS}'),
    quotes: (text) => text.replaceAll(/\b([a-z])([a-z]{2,})/g, "$1''$2"),
    backslashes: (text) => text.replaceAll(/\b([a-z])([a-z]{2,})/g, '$1\\$2'),
    'empty variables': (text) => text.replaceAll(/\b([a-z])([a-z]{2,})/g, '$1$@$2'),
    tabs: (text) => text.replaceAll(' ', '\t'),
  },
  lfi: {
    'both slashes': (text) => text.replaceAll('../', '..\\'),
    doubled: (text) => text.replaceAll('../', '....//'),
    'dot slash': (text) => text.replaceAll('/', '/./'),
    nul: (text) => `${text}%00.jpg`,
  },
};
