import { patternCost } from '@steadygate/core';
import { RE2JS } from 're2js';

/** A pattern that takes time in proportion to the text. */
export interface LinearPattern {
  test(text: string): boolean;
  /** Differs for each pattern: Ajv keeps one for each text. */
  toString(): string;
}

/* How many steps one beginning may take; a search without `^` has as many beginnings as characters. */
const ANCHORED_STEPS_MAX = 100_000;
const STEPS_MAX = 256;

/**
 * Compiles a pattern of an API document so that nobody can make it slow.
 *
 * V8 backtracks, so it gets only patterns whose repetitions all end soon. Others go to RE2JS, which never does and knows
 * neither look-arounds nor back-references. What fits neither is refused, with a problem in words.
 */
export function linearPattern(source: string): LinearPattern | { readonly problem: string; readonly hint: string } {
  const native = compiled(source);
  if (native === undefined) return { problem: 'is no regular expression', hint: 'Check it with the flag `u`.' };
  if (isBounded(native)) return native;
  if (/\\[1-9k]/.test(source)) return { problem: 'refers back to a group', hint: SPLIT };
  try {
    const linear = RE2JS.compile(RE2JS.translateRegExp(source));
    return { test: (text) => linear.test(text), toString: () => `/${source}/u` };
  } catch {
    return { problem: 'could take very long', hint: SPLIT };
  }
}

const SPLIT =
  'Bound its repetitions ({0,100} instead of * and +), or do without look-arounds and back-references: several patterns in `allOf` do as well';

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'u');
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function isBounded(pattern: RegExp): boolean {
  const { ways, reach } = patternCost(pattern);
  const isAnchored = pattern.source.startsWith('^') && !pattern.source.includes('|');
  return ways * Math.max(reach, 1) <= (isAnchored ? ANCHORED_STEPS_MAX : STEPS_MAX);
}
