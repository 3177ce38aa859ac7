import type { FieldKind } from './rule.ts';

/** What a field is meant to hold: how much evidence it takes to refuse its value. */
export const PROFILES = ['identifier', 'default', 'url', 'secret', 'text', 'markdown', 'code'] as const;
export type Profile = (typeof PROFILES)[number];

/**
 * How much a class must score in a profile before it counts, beside the route's threshold for plain values.
 *
 * Prose quotes attacks, source code looks like them: there only signs count that neither has by accident.
 */
export const PROFILE_EXTRA: Readonly<Record<Profile, number>> = {
  identifier: -2,
  default: 0,
  url: 0,
  secret: 1,
  text: 4,
  markdown: 7,
  code: 7,
};

// Names under which applications and models exchange prose, markup and code.
const CODE_NAME =
  /^(?:code|source|src|script|snippet|patch|diff|html|css|js|jsx|ts|sql|query_sql|template|stylesheet|notebook|dockerfile|yaml|yml|stdout|stderr|output|log|logs|stack|stacktrace|traceback|exception|markup|svg|program|arguments|regex|jsonpath|expression|shell|bash|python|new_string|old_string|file_text|cell_source|hunk|raw|before|after|mdx)$/;
const TEXT_NAME =
  /^(?:content|contents|prompt|text|markdown|md|body|body_text|body_html|readme|completion|input|instructions|system|system_prompt|notes|transcript|article|document|passage|chunk|excerpt|reasoning|thinking|tool_result|release_notes|changelog|commit_message)$/;
const NAMED_CHARS_MIN = 40;
const PLAIN_WORDS = /(?:^|\s)[A-Za-z]{2,16}[,.:;!?]?(?=\s|$)/g;

/**
 * What a field holds by its name, where its value does not contradict; undefined where the name says nothing.
 *
 * A name alone excuses little: a short attack under `code` is no source code.
 */
export function profileOfName(name: string, value: string): 'code' | 'text' | undefined {
  if (value.length <= NAMED_CHARS_MIN) return undefined;
  const snake = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  if (CODE_NAME.test(snake)) return 'code';
  const isText = TEXT_NAME.test(snake) && (value.slice(0, SAMPLE_CHARS).match(PLAIN_WORDS)?.length ?? 0) >= 3;
  return isText ? 'text' : undefined;
}

const INLINE_CODE = /`[^`\n]{1,120}`/g;
const TEXT_CHARS_MIN = 24;
const LONG_CHARS = 160;
const CODE_CHARS = 80;
const SAMPLE_CHARS = 6000;
const WORD = /(?<![\w$@#/\\.=<>-])[A-Za-z\u00c0-\u024f\u0370-\uffff'’]{2,24}(?=[\s.,;:!?)\]"”]|$)/g;
/* Not those that SQL is made of, too. */
const STOP_WORD =
  /\b(?:the|a|an|of|to|are|that|this|these|you|your|it|its|be|can|will|have|has|i|we|our|my|me|how|what|which|who|why|should|would|could|does|was|were|but|at|any|more|most|please|about|there|their|they|he|she|his|her|also|just|than|because|while|der|die|das|und|ist|nicht|ein|eine|le|la|les|des|est|que|el|los|las|para|una|un|et|pour|dans|por|mit|von)\b/gi;
/* Those that are words of SQL: they count only beside others. */
const LINK_WORD = /\b(?:and|in|is|for|with|on|as|by|from|or|not|if|when|then|use|run|do)\b/gi;
const FENCE = /```|~~~|^ {0,3}#{1,6} |^\s{0,8}(?:[-*+]|\d{1,2}\.) |\]\(|^\s{0,3}>|\*\*|^\|/m;
const CODE_LINE =
  /^\s*(?:import |from |const |let |var |def |class |function |export |return |if ?\(|for ?\(|#include|package |public |private |using |SELECT |INSERT |CREATE |\/\/|\/\*|#!|<\/?\w|\}|\{|@\w|\$ |[a-z_][\w.]* ?[:=({]|- \w|"[\w-]+" ?:|[+-]{1,3} |.*[;{},]$)/;

/**
 * What a value looks like. Prose needs sentences of words, source code several lines of it; a payload with a few words
 * before it is neither.
 */
export function profileOfText(value: string): 'text' | 'markdown' | 'code' | undefined {
  if (value.length < TEXT_CHARS_MIN) return undefined;
  if (value.startsWith('#!/')) return 'code';
  const sample = value.length > SAMPLE_CHARS ? sampled(value) : value;
  if (value.length >= CODE_CHARS && isCode(sample)) return 'code';
  const words = wordsOf(sample);
  if (value.length >= LONG_CHARS && isMarkdown(sample, words)) return 'markdown';
  return isProse(words) ? 'text' : undefined;
}

/** Code and tables take the share of words in documents. */
function isMarkdown(sample: string, words: Words): boolean {
  return FENCE.test(sample) && (isProse(words) || (words.stops >= 6 && words.count >= 24));
}

interface Words {
  readonly count: number;
  readonly stops: number;
  readonly links: number;
  /** How much of the sample is words. */
  readonly share: number;
}

function wordsOf(sample: string): Words {
  // What stands in back-ticks is quoted: the sentence around it is what counts.
  const prose = sample.replace(INLINE_CODE, ' ');
  const words = prose.match(WORD) ?? [];
  const letters = words.reduce((sum, word) => sum + word.length + 1, 0);
  return {
    count: words.length,
    stops: sample.match(STOP_WORD)?.length ?? 0,
    links: sample.match(LINK_WORD)?.length ?? 0,
    share: letters / prose.length,
  };
}

function isProse({ count, stops, links, share }: Words): boolean {
  return count >= 5 && share >= 0.36 && (stops >= 2 || (stops >= 1 && links >= 2));
}

/** Both ends and the middle: padding in front says nothing about what follows. */
function sampled(value: string): string {
  const third = SAMPLE_CHARS / 3;
  const middle = Math.floor(value.length / 2);
  return `${value.slice(0, third)}\n${value.slice(middle, middle + third)}\n${value.slice(-third)}`;
}

function isCode(sample: string): boolean {
  const lines = sample.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 3) return false;
  return lines.filter((line) => CODE_LINE.test(line)).length * 2 >= lines.length;
}

/** Where prose and code are at home; elsewhere a long value is only a long value. */
export function mayHoldText(kind: FieldKind): boolean {
  return kind === 'json' || kind === 'text' || kind === 'form' || kind === 'query' || kind === 'file';
}
