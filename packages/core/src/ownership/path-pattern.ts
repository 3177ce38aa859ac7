import { foldPath } from '../canonical/path.ts';

/** A compiled path pattern: `/api/chats/{id}/**`. */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly PatternSegment[];
  /** Ends in `/**`: the path itself and everything below it. */
  readonly below: boolean;
  /** Which segment is the resource's own `{id}`; undefined when none is. */
  readonly idAt: number | undefined;
}

type PatternSegment = { readonly literal: string; readonly folded: string } | { readonly placeholder: string };

const SEGMENT = /^(?:\{([a-z][A-Za-z0-9]*)\}|([A-Za-z0-9\-._~!$&'()+,=:@]+))$/;

/** Compiles a path pattern; `/` alone is the root. Returns what is wrong with it, in words. */
export function compilePathPattern(text: string): PathPattern | { readonly problem: string } {
  if (!text.startsWith('/')) return { problem: `"${text}" does not start with /` };
  const below = text.endsWith('/**');
  const path = below ? text.slice(0, -3) : text;
  const segments: PatternSegment[] = [];
  for (const segment of path === '' || path === '/' ? [] : path.slice(1).split('/')) {
    const compiled = compileSegment(segment);
    if (compiled === undefined) return { problem: `"${segment}" in "${text}" is no canonical path segment` };
    segments.push(compiled);
  }
  const ids = segments.flatMap((segment, at) => ('placeholder' in segment && segment.placeholder === 'id' ? [at] : []));
  if (ids.length > 1) return { problem: `"${text}" has {id} twice; give the other one another name` };
  return { text, segments, below, idAt: ids[0] };
}

function compileSegment(text: string): PatternSegment | undefined {
  const found = SEGMENT.exec(text);
  // One that folds away, such as `..`, could stand nowhere.
  if (found === null || foldPath(`/${text}`) === '/') return undefined;
  if (found[1] !== undefined) return { placeholder: found[1] };
  return { literal: text, folded: foldPath(`/${text}`).slice(1) };
}

/** The segments of a canonical path; none for `/`. */
export function splitPath(path: string): readonly string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/** Whether the pattern matches these segments, letter by letter. */
export function matchesPath(pattern: PathPattern, segments: readonly string[]): boolean {
  return matches(pattern, segments, 'literal');
}

/** Whether the pattern matches the segments of a path that `foldPath` made. */
export function matchesFolded(pattern: PathPattern, segments: readonly string[]): boolean {
  return matches(pattern, segments, 'folded');
}

function matches(pattern: PathPattern, segments: readonly string[], spelling: 'literal' | 'folded'): boolean {
  const { length } = pattern.segments;
  if (segments.length < length || (segments.length > length && !pattern.below)) return false;
  return pattern.segments.every((segment, at) =>
    'placeholder' in segment ? segments[at] !== '' : segment[spelling] === segments[at],
  );
}

/** Whether some path, folded or not, matches both patterns. */
export function overlaps(one: PathPattern, other: PathPattern): boolean {
  const [short, long] = one.segments.length <= other.segments.length ? [one, other] : [other, one];
  if (short.segments.length < long.segments.length && !short.below) return false;
  return short.segments.every((segment, at) => {
    const across = long.segments[at];
    if (across === undefined || 'placeholder' in segment || 'placeholder' in across) return true;
    return segment.folded === across.folded;
  });
}

/** Whether every path that matches `inner` matches `outer` too, with `{id}` in the same place. */
export function covers(outer: PathPattern, inner: PathPattern): boolean {
  if (outer.idAt !== inner.idAt || inner.segments.length < outer.segments.length) return false;
  if (!outer.below && (inner.below || inner.segments.length > outer.segments.length)) return false;
  return outer.segments.every((segment, at) => {
    const within = inner.segments[at];
    if ('placeholder' in segment) return true;
    return within !== undefined && 'literal' in within && within.literal === segment.literal;
  });
}
