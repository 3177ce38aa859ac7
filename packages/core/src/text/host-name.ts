import { TOP_LEVEL_DOMAINS } from './top-level-domains.ts';

/** Where a name stands in its text. */
export interface Surroundings {
  /** The character before it; empty at the beginning. */
  readonly before: string;
  /** What follows: at least its first characters. */
  readonly after: string;
}

/* Names of files end in these more often than hosts do. */
const FILE_ENDINGS = new Set('md rs sh py pl pm cc so ps mk map zip mov cab bz tf java properties'.split(' '));
/* Nobody begins a sentence with these, nor calls a method by them. */
const UNMISTAKABLE = new Set('com net org biz edu gov io co ru cn uk xyz top online site shop club'.split(' '));
/* Short words of sentences and clocks. */
const WORDS = new Set('in it is to so at as be me my no am us do by id'.split(' '));

const PUNYCODE = /^xn--[a-z0-9-]{2,59}$/;
const SENTENCE_START = /^[A-Z][a-z]*$/;
const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/** Whether a run of letters, digits, `-` and `.` names a host, though no scheme says so. */
export function isHostName(run: string, around: Surroundings): boolean {
  if (IPV4.test(run)) return /^(?::\d{2,5}(?!\d)|\/[\p{L}_])/u.test(around.after);
  // Of an address of mail; with a path it is a link all the same.
  if (around.before === '@' && !/^\/[\p{L}\p{N}]/u.test(around.after)) return false;
  return run.split(/\.{2,}/).some((piece) => isDotted(piece, around));
}

function isDotted(piece: string, around: Surroundings): boolean {
  const labels = piece.replace(/^\.|\.$/g, '').split('.');
  if (labels.length < 2) return false;
  if (/^www\./i.test(piece)) return true;
  let name = labels.pop() ?? '';
  for (let isLast = true; labels.length > 0; isLast = false) {
    const label = name;
    name = labels.pop() ?? '';
    const domain = topLevelDomain(label);
    if (domain !== undefined) return isMeant({ domain, label, name }, around, isLast);
    if (!isNextText(label, name)) return false;
  }
  return false;
}

/** The first word of the next sentence, or of another script. */
function isNextText(label: string, before: string): boolean {
  return /^[A-Z]/.test(label) || (/^[^ -~]/.test(label) && /[ -~]$/.test(before));
}

/** The domain that a label is, or begins with before another script goes on without a blank. */
function topLevelDomain(label: string): string | undefined {
  const whole = label.toLowerCase();
  if (TOP_LEVEL_DOMAINS.has(whole) || PUNYCODE.test(whole)) return whole;
  const ascii = /^[a-z]+(?=[^ -~])/.exec(whole)?.[0];
  return ascii !== undefined && TOP_LEVEL_DOMAINS.has(ascii) ? ascii : undefined;
}

interface Ending {
  /** In lower case. */
  readonly domain: string;
  readonly label: string;
  /** The label before it. */
  readonly name: string;
}

function isMeant(ending: Ending, { before, after }: Surroundings, isLast: boolean): boolean {
  const { domain, name } = ending;
  if (!/[\p{L}\p{N}]/u.test(name)) return false;
  const hasPath = isLast && /^\/[\p{L}\p{N}]/u.test(after);
  if (FILE_ENDINGS.has(domain)) return hasPath && before !== '/';
  if (hasPath || UNMISTAKABLE.has(domain)) return true;
  return !isProse(ending) && !(isLast && after.startsWith('('));
}

/** Where a full stop has no blank behind it, or a clock tells `5.am`. */
function isProse({ domain, label, name }: Ending): boolean {
  return SENTENCE_START.test(label) || (WORDS.has(domain) && /^\d+$/.test(name));
}
