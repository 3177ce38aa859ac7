import type { z } from 'zod';

import { pathText, printable } from './config-problem.ts';
import { laterKey } from './later.ts';
import { knownKeys } from './schema-keys.ts';
import { nearestName } from './suggest.ts';
import { UNRESOLVED } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** A problem by path, before its position is looked up. */
export interface PathProblem {
  readonly path: readonly PropertyKey[];
  /** True when the key is meant, not its value. */
  readonly isKey?: boolean;
  readonly message: string;
  readonly hint: string;
}

const laterHint = (what: string): string =>
  `${what}: this comes with a later release. Remove it, it would protect nothing today.`;

/** What the schema found, in our own words and without the values. */
export function schemaProblems(issues: readonly Issue[], value: unknown): readonly PathProblem[] {
  return issues.flatMap((issue) => translate(issue, value)).filter(({ path }) => valueAt(value, path) !== UNRESOLVED);
}

function translate(issue: Issue, root: unknown): readonly PathProblem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key]));
    case 'invalid_union':
      return fromUnion(issue, root);
    case 'invalid_key':
      return issue.issues
        .flatMap((inner) => translate({ ...inner, path: [...path] }, root))
        .map((it) => ({ ...it, isKey: true }));
    case 'custom':
      return [{ path, message: issue.message, hint: String(issue.params?.['hint'] ?? '') }];
    case 'invalid_value':
      return [invalidValue(path, issue.values, valueAt(root, path))];
    case 'invalid_type':
      return [wrongType(path, issue.expected, valueAt(root, path))];
    default:
      return [{ path, ...plainRefusal(issue) }];
  }
}

function plainRefusal(issue: Issue): { readonly message: string; readonly hint: string } {
  switch (issue.code) {
    case 'too_small':
      return { message: 'is too small, short or empty', hint: `At least ${String(issue.minimum)}.` };
    case 'too_big':
      return { message: 'is too large', hint: `At most ${String(issue.maximum)}.` };
    case 'invalid_format':
      return { message: 'has the wrong form', hint: formatHint(issue) };
    default:
      return { message: 'has a value that is not allowed here', hint: REFERENCE };
  }
}

const REFERENCE = 'See docs/configuration.md for what may stand here.';

function unknownKey(path: readonly PropertyKey[]): PathProblem {
  const later = laterKey(pathText(path));
  if (later !== undefined) return { path, isKey: true, message: 'is not in this release', hint: laterHint(later) };
  const known = knownKeys(path.slice(0, -1));
  const near = nearestName(String(path.at(-1)), known);
  const list = known.length === 0 ? 'Nothing can be set here.' : `Known here: ${known.join(', ')}.`;
  return {
    path,
    isKey: true,
    message: 'is not a known key',
    hint: near === undefined ? list : `Did you mean \`${near}\`?`,
  };
}

/** Of a union, the branch whose outer type fits says what is wrong; without one, all types are named. */
function fromUnion(issue: Extract<Issue, { code: 'invalid_union' }>, root: unknown): readonly PathProblem[] {
  const fitting = issue.errors.filter((branch) => !branch.some((inner) => isOuterMismatch(inner)));
  const chosen = fitting.length > 0 ? fitting : issue.errors;
  const within = chosen.map((branch) => branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  const [best] = within.toSorted((a, b) => a.length - b.length);
  if (fitting.length > 0 && best !== undefined) return best.flatMap((inner) => translate(inner, root));
  const expected = issue.errors.flatMap((branch) => branch.flatMap((inner) => outerTypes(inner)));
  return [wrongType(issue.path, [...new Set(expected)].join(' or '), valueAt(root, issue.path))];
}

function outerTypes(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [issue.expected];
  return issue.code === 'invalid_value' ? issue.values.map(String) : [];
}

function isOuterMismatch(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function invalidValue(path: readonly PropertyKey[], values: readonly unknown[], value: unknown): PathProblem {
  const known = values.map(String);
  if (value === undefined) return { path, message: 'is missing', hint: `One of: ${known.join(', ')}.` };
  const near = typeof value === 'string' ? nearestName(value, known) : undefined;
  return {
    path,
    message: 'has a value that is not known',
    hint: near === undefined ? `One of: ${known.join(', ')}.` : `Did you mean \`${near}\`?`,
  };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function wrongType(path: readonly PropertyKey[], expected: string, value: unknown): PathProblem {
  const words = expected.split(' or ').map((word) => TYPE_WORDS[word] ?? word);
  const wanted = words.join(', or ');
  if (value === undefined) return { path, message: 'is missing', hint: `It wants ${wanted}.` };
  if (value === null) return { path, message: 'is empty', hint: `It wants ${wanted}. Or remove the key.` };
  return { path, message: `is not ${wanted}`, hint: expected === 'string' ? 'Put the value in quotes.' : REFERENCE };
}

function formatHint(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  return 'prefix' in issue && typeof issue.prefix === 'string'
    ? `It begins with ${printable(issue.prefix)}.`
    : REFERENCE;
}

/** The raw value at a path; undefined where there is none. */
function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
    // An own property of any object can be read by its name.
    value = (value as Readonly<Record<PropertyKey, unknown>>)[segment];
  }
  return value;
}
