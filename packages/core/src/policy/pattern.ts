import { foldPath } from '../canonical/path.ts';

/** One segment of a pattern: a literal in its canonical spelling, or any one non-empty segment. */
export type PatternSegment = { readonly literal: string } | 'any';

/** A compiled path pattern. */
export interface Pattern {
  readonly text: string;
  readonly segments: readonly PatternSegment[];
  /** True for `…/**`: the prefix itself and all below. */
  readonly below: boolean;
}

/** What is wrong with a pattern's text. */
export interface PatternProblem {
  readonly message: string;
  readonly hint: string;
}

// A canonical path segment (RFC 3986 §3.3): unreserved characters are never encoded, `;` is where parameters begin.
const LITERAL = /^(?:[\w.~!$&'()+,=:@-]|%(?:2[0-46-9A-C]|3[A-F]|40|5[BDE]|60|7[BCD]|[89A-F][\dA-F]))+$/;
const NAMED = /^\{[A-Za-z]\w*\}$/;

/** Compiles `/api/**`, `/api/chats/{id}` or `/exact`, or says why a canonical path could never match it. */
export function parsePattern(text: string): Pattern | PatternProblem {
  if (!text.startsWith('/')) return { message: `"${text}" does not start with "/"`, hint: `write /${text}` };
  const parts = text.slice(1).split('/');
  const below = parts.at(-1) === '**';
  const named = below ? parts.slice(0, -1) : parts;
  const problem = named
    .map((part, at) => segmentProblem(part, at === parts.length - 1))
    .find((found) => found !== undefined);
  if (problem !== undefined) return problem;
  return { text, segments: named.map((part) => (NAMED.test(part) ? 'any' : { literal: part })), below };
}

function segmentProblem(part: string, isLast: boolean): PatternProblem | undefined {
  if (NAMED.test(part) || (part === '' && isLast)) return undefined;
  if (part === '') return { message: 'the pattern has an empty segment', hint: 'write single slashes' };
  if (part.includes('*'))
    return { message: '"*" may only stand in a last segment "**"', hint: 'use {name} for one segment' };
  if (/[{}]/.test(part))
    return { message: `"${part}" mixes a name and text`, hint: 'a {name} stands for a whole segment' };
  return LITERAL.test(part) && foldPath(`/${part}`) !== '/'
    ? undefined
    : {
        message: `"${part}" is not how a canonical path is spelt`,
        hint: 'unreserved characters plain, others as %XX in upper case',
      };
}

/** The pattern that folded paths of this pattern's requests match (T9). */
export function foldPattern(pattern: Pattern): Pattern {
  const folded = pattern.segments.map((segment): PatternSegment => {
    return segment === 'any' ? 'any' : { literal: foldPath(`/${segment.literal}`).slice(1) };
  });
  // A trailing slash folds away, but `/` itself stays.
  const slash = folded.at(-1);
  const trailing = folded.length > 1 && slash !== 'any' && slash?.literal === '';
  return { ...pattern, segments: trailing ? folded.slice(0, -1) : folded };
}

/** Orders patterns, most specific first: at the first difference a literal goes before `{name}`, that before the end, that before `**`. */
export function comparePatterns(a: Pattern, b: Pattern): number {
  const length = Math.max(a.segments.length, b.segments.length) + 1;
  for (let at = 0; at < length; at += 1) {
    const order = segmentRank(a, at) - segmentRank(b, at) || compareText(literalAt(a, at), literalAt(b, at));
    if (order !== 0) return order;
  }
  return 0;
}

function segmentRank(pattern: Pattern, at: number): number {
  const segment = pattern.segments[at];
  if (segment === undefined) return pattern.below ? 3 : 2;
  return segment === 'any' ? 1 : 0;
}

function literalAt(pattern: Pattern, at: number): string {
  const segment = pattern.segments[at];
  return segment === undefined || segment === 'any' ? '' : segment.literal;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What tells two patterns apart: names of segments do not. */
export function patternKey(pattern: Pattern): string {
  const segments = pattern.segments.map((segment) => (segment === 'any' ? '{}' : segment.literal));
  return `/${[...segments, ...(pattern.below ? ['**'] : [])].join('/')}`;
}
