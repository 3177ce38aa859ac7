import { isCode, isLog } from './line-shapes.ts';
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
  /^(?:code|source|src|script|snippet|patch|diff|html|css|js|jsx|ts|sql|query_sql|template|stylesheet|notebook|dockerfile|yaml|yml|stdout|stderr|output|log|logs|stack|stacktrace|traceback|exception|markup|svg|program|arguments|regex|jsonpath|expression|shell|bash|python|new_string|old_string|file_text|cell_source|hunk|raw|before|after|mdx|context_line|pre_context|post_context|statement|formula|expr|jq|jql|cel|rego|source_code|code_block|contents?_raw|old_str|new_str|file_contents?|cell|cells)$/;
const TEXT_NAME =
  /^(?:content|contents|prompt|text|markdown|md|body|body_text|body_html|readme|completion|input|instructions|system|system_prompt|notes|transcript|article|document|passage|chunk|excerpt|reasoning|thinking|tool_result|release_notes|changelog|commit_message)$/;
/* Commands that agents and pipelines pass on. */
const COMMAND_NAME = /^(?:command|commands|cmd|run|args|argv|entrypoint|scripts|steps|input|hooks|exec)$/;
/* Single lines of logs. */
const MESSAGE_NAME = /^(?:msg|message|line|log|event|error|detail|text|values|body|data|stderr|exception|value)$/;
/* Samples of script that browsers report (CSP 3 §5.3). */
const REPORT_NAME = /^(?:script_sample|sample)$/;
const NAMED_CHARS_MIN = 40;
const PLAIN_WORDS = /(?:^|\s)[A-Za-z]{2,16}[,.:;!?]?(?=\s|$)/g;

/**
 * What a field of a document holds by its name, where its value does not contradict; undefined where the name says nothing.
 *
 * A name alone excuses little: a short attack under `code` is no source code, unless it stands deeper in the document, where
 * cells of notebooks and calls of tools do.
 */
export function profileOfName(field: { name: string; value: string; isNested: boolean }): Profile | undefined {
  const { value, isNested } = field;
  const name = field.name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
  if (REPORT_NAME.test(name)) return 'code';
  if (isNested && COMMAND_NAME.test(name)) return 'text';
  if (CODE_NAME.test(name)) return value.length > NAMED_CHARS_MIN || isNested ? 'code' : undefined;
  return value.length > NAMED_CHARS_MIN ? namedText(name, value) : undefined;
}

function namedText(name: string, value: string): Profile | undefined {
  if (MESSAGE_NAME.test(name) && isLog(value, 1)) return 'code';
  if (!TEXT_NAME.test(name)) return undefined;
  return countOf(value.slice(0, SAMPLE_CHARS), PLAIN_WORDS) >= 3 ? 'text' : undefined;
}

const INLINE_CODE = /`[^`\n]{1,120}`/g;
const TEXT_CHARS_MIN = 24;
const LONG_CHARS = 160;
const CODE_CHARS = 80;
const SAMPLE_CHARS = 6000;
const LOG_LINES_MIN = 2;
const WORD = /(?<![\w$@#/\\.=<>-])[A-Za-z\u00c0-\u024f\u0370-\uffff'’]{2,24}(?=[\s.,;:!?)\]"”]|$)/g;
/* Not those that SQL is made of, too. */
const STOP_WORD =
  /(?<![\w'"`(=,.\-/])(?:the|a|an|of|to|are|that|this|these|you|your|it|its|be|can|will|have|has|i|we|our|my|me|how|what|which|who|why|should|would|could|does|was|were|but|at|any|more|most|please|about|there|their|they|he|she|his|her|also|just|than|because|while|der|die|das|und|ist|nicht|ein|eine|le|la|les|des|est|que|el|los|las|para|una|un|et|pour|dans|por|mit|von)(?=[\s.,;:!?]|$)/gi;
/* Those that are words of SQL: they count only beside others. */
const LINK_WORD =
  /(?<![\w'"`(=,.\-/])(?:and|in|is|for|with|on|as|by|from|or|not|if|when|then|use|run|do)(?=[\s.,;:!?]|$)/gi;
const FENCE = /```|~~~|^ {0,3}#{1,6} |^\s{0,8}(?:[-*+]|\d{1,2}\.) |\]\(|^\s{0,3}>|\*\*|^\|/m;
/**
 * What a value looks like. Prose needs sentences of words, source code several lines of it; a payload with a few words
 * before it is neither.
 */
export function profileOfText(value: string): 'text' | 'markdown' | 'code' | undefined {
  if (value.length < TEXT_CHARS_MIN) return undefined;
  const sample = value.length > SAMPLE_CHARS ? sampled(value) : value;
  const lines = profileOfLines(sample);
  if (lines !== undefined) return lines;
  const words = wordsOf(sample);
  if (value.length >= LONG_CHARS && isMarkdown(sample, words)) return 'markdown';
  return isProse(words) ? 'text' : undefined;
}

/** What the lines say, whatever stands in them. */
function profileOfLines(sample: string): 'markdown' | 'code' | undefined {
  if (sample.startsWith('#!/') && sample.includes('\n')) return 'code';
  if (sample.length < CODE_CHARS) return undefined;
  if (isCode(sample) || isLog(sample, LOG_LINES_MIN)) return 'code';
  return countOf(sample, FENCE_LINE) >= 2 ? 'markdown' : undefined;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

const FENCE_LINE = /^(?:```|~~~)/gm;
const DOCUMENT_MARK = /^(?:```|~~~|#{1,6} \w|\[!\[|[-*] \[?\w|\| ?[-\w:]|> \w|<!--)/gm;
const DOCUMENT_MARKS_MIN = 4;
/* Not the full-width and look-alike ones, which are read as Latin. */
const OTHER_LETTERS = /[\u0590-\u06ff\u0900-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\u0400-\u04ff]{4}/g;
const OTHER_LETTERS_MIN = 12;

/** Code and tables take the share of words in documents; a short one is told by several marks of different lines. */
function isMarkdown(sample: string, words: Words): boolean {
  if (!FENCE.test(sample)) return false;
  if (isProse(words) || (words.stops >= 6 && words.count >= 24)) return true;
  return words.count >= 8 && countOf(sample, DOCUMENT_MARK) >= DOCUMENT_MARKS_MIN;
}

interface Words {
  readonly count: number;
  readonly stops: number;
  readonly links: number;
  /** How much of the sample is words. */
  readonly share: number;
  /** Letters of other scripts than Latin, where SQL and shells have no words. */
  readonly others: number;
}

function wordsOf(sample: string): Words {
  // What stands in back-ticks is quoted: the sentence around it is what counts.
  const prose = sample.replace(INLINE_CODE, ' ');
  const words = prose.match(WORD) ?? [];
  const letters = words.reduce((sum, word) => sum + word.length + 1, 0);
  return {
    count: words.length,
    stops: countOf(sample, STOP_WORD),
    links: countOf(sample, LINK_WORD),
    share: letters / prose.length,
    others: countOf(sample, OTHER_LETTERS),
  };
}

function isProse({ count, stops, links, share, others }: Words): boolean {
  if (others >= OTHER_LETTERS_MIN) return true;
  return count >= 5 && share >= 0.36 && (stops >= 2 || (stops >= 1 && links >= 2));
}

/** Both ends and the middle: padding in front says nothing about what follows. */
function sampled(value: string): string {
  const third = SAMPLE_CHARS / 3;
  const middle = Math.floor(value.length / 2);
  return `${value.slice(0, third)}\n${value.slice(middle, middle + third)}\n${value.slice(-third)}`;
}

/** Where prose and code are at home; elsewhere a long value is only a long value. */
export function mayHoldText(kind: FieldKind): boolean {
  return kind !== 'path' && kind !== 'header' && kind !== 'cookie' && kind !== 'name';
}

/** For a test that reads them: all patterns of this file that look at values. */
export const PROFILE_PATTERNS: readonly RegExp[] = [
  PLAIN_WORDS,
  INLINE_CODE,
  WORD,
  STOP_WORD,
  LINK_WORD,
  FENCE,
  FENCE_LINE,
  DOCUMENT_MARK,
  OTHER_LETTERS,
];
