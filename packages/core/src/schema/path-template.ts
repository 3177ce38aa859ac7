import { canonicalPath } from '../canonical/path.ts';

/** A segment of a path: texts and, between them, names. `['', 'id', '.json']` is `{id}.json`. */
type Segment = readonly string[];

/** A path with names for some of its parts, such as `/orders/{id}`. */
export interface PathTemplate {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly names: readonly string[];
}

/** Reads a path template; literal parts get their one spelling. A problem is said in words. */
export function pathTemplate(text: string): PathTemplate | { readonly problem: string } {
  if (!text.startsWith('/')) return { problem: 'is no path: it begins with /' };
  const segments: Segment[] = [];
  const parts = text.slice(1).split('/');
  for (const [at, raw] of parts.entries()) {
    const isEmptyWithin = raw === '' && at < parts.length - 1;
    const segment = isEmptyWithin ? undefined : segmentOf(raw);
    if (segment === undefined) return { problem: `has a part that is no path segment: "${raw}"` };
    segments.push(segment);
  }
  const names = segments.flatMap((segment) => segment.filter((_, at) => at % 2 === 1));
  if (new Set(names).size !== names.length) return { problem: 'names a parameter twice' };
  return { text, segments, names };
}

function segmentOf(raw: string): Segment | undefined {
  const parts = raw.split(/[{}]/);
  const isPaired = /^(?:[^{}]*\{[^{}]+\})*[^{}]*$/.test(raw);
  // Between two names a text must say where one ends.
  const isTold = parts.every((part, at) => at % 2 === 1 || at === 0 || at === parts.length - 1 || part !== '');
  if (!isPaired || !isTold) return undefined;
  const spelt = parts.map((part, at) => (at % 2 === 1 ? part : literal(part)));
  return spelt.every((part) => part !== undefined) ? spelt : undefined;
}

/** In its one spelling; a letter before it keeps a part such as `..` from meaning a folder. */
function literal(part: string): string | undefined {
  if (!part.isWellFormed()) return undefined;
  const canon = canonicalPath(`/x${part.replaceAll(/[^!-~]/gu, encodeURIComponent)}`);
  return canon.ok ? canon.path.slice(2) : undefined;
}

/** The values of a template's names in a path, as they are written; undefined when it does not match. Linear. */
export function matchTemplate(
  { segments }: PathTemplate,
  path: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (path.length !== segments.length) return undefined;
  const values: [string, string][] = [];
  for (const [at, segment] of segments.entries()) {
    const found = matchSegment(segment, path[at] ?? '');
    if (found === undefined) return undefined;
    values.push(...found);
  }
  return Object.fromEntries(values);
}

function matchSegment(segment: Segment, text: string): readonly [string, string][] | undefined {
  const [first = '', ...rest] = segment;
  if (rest.length === 0) return text === first ? [] : undefined;
  if (!text.startsWith(first)) return undefined;
  const values: [string, string][] = [];
  let at = first.length;
  for (let index = 0; index < rest.length; index += 2) {
    const end = endOfValue(text, at, { after: rest[index + 1] ?? '', isLast: index + 2 >= rest.length });
    if (end <= at) return undefined;
    values.push([rest[index] ?? '', text.slice(at, end)]);
    at = end + (rest[index + 1] ?? '').length;
  }
  return values;
}

function endOfValue(text: string, from: number, { after, isLast }: { after: string; isLast: boolean }): number {
  if (!isLast) return text.indexOf(after, from + 1);
  return text.endsWith(after) ? text.length - after.length : -1;
}

/** Which of two templates a path that matches both means: the one that says more, from the left (OpenAPI 3.1 §4.8.8.2). */
export function compareTemplates(a: PathTemplate, b: PathTemplate): number {
  for (const [at, segment] of a.segments.entries()) {
    const difference = openness(segment) - openness(b.segments[at] ?? []);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** 0 for a literal; less open the more text it has. */
function openness(segment: Segment): number {
  if (segment.length <= 1) return 0;
  const characters = segment.reduce((sum, part, at) => sum + (at % 2 === 0 ? part.length : 0), 0);
  return 1 / (characters + 1);
}
