import { literalSearch, type LiteralSearch } from './literals.ts';
import type { AttackClass, Detector, FieldKind, Rule } from './rule.ts';
import { BIT, textBits } from './text-bits.ts';
import { readingsOf, type View, type ViewKind } from './views.ts';

/** A sign of an attack that stands in a value. */
export interface Hit {
  readonly rule: string;
  readonly cls: AttackClass;
  readonly score: number;
  readonly reason: string;
  /** What matched, unmasked: mask it before it is kept. */
  readonly evidence: string;
}

/** Reads single values. Made once for a set of rules. */
export interface ValueInspector {
  /** Every sign in a value, of every reading; empty for nearly all values. */
  hits(value: string, kind: FieldKind): readonly Hit[];
}

interface Test {
  readonly views: ReadonlySet<ViewKind>;
  readonly fields: ReadonlySet<FieldKind> | undefined;
  find(text: string): Hit | undefined;
}

interface Compiled {
  readonly search: LiteralSearch;
  readonly tests: readonly Test[];
}

const DEFAULT_VIEWS: readonly ViewKind[] = ['plain', 'uncommented'];
const LENGTH_MIN = 3;

/** Compiles rules and detectors: one pass for all their literals, and patterns only where one of theirs stands. */
export function valueInspector(rules: readonly Rule[], detectors: readonly Detector[]): ValueInspector {
  const compiled = compile(rules, detectors);
  return {
    hits(value, kind) {
      if (value.length < LENGTH_MIN || (kind !== 'path' && kind !== 'file' && isHarmless(value))) return NONE;
      const found = new Map<string, Hit>();
      for (const { views } of readingsOf(value)) {
        for (const view of views) search(compiled, view, { kind, found });
      }
      return found.size === 0 ? NONE : [...found.values()];
    },
  };
}

const NONE: readonly Hit[] = [];
const SHORT = 7;

/** Short words, numbers and ids, which nearly all values are, say nothing in any reading. */
function isHarmless(value: string): boolean {
  if (value.length <= SHORT) return (textBits(value) & ~(BIT.space | BIT.colon)) === 0;
  return isNumber(value);
}

function isNumber(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code > 0x39 || code < 0x2d || code === 0x2f) return false;
  }
  return true;
}

function compile(rules: readonly Rule[], detectors: readonly Detector[]): Compiled {
  const owners = new Map<string, number[]>();
  for (const [index, source] of [...rules, ...detectors].entries()) {
    for (const literal of new Set(source.literals)) owners.set(literal, [...(owners.get(literal) ?? []), index]);
  }
  return { search: literalSearch(owners), tests: [...rules.map(ruleTest), ...detectors.map(detectorTest)] };
}

function ruleTest({ id, cls, score, reason, pattern, views, fields }: Rule): Test {
  return {
    ...scope(views, fields),
    find(text) {
      const match = pattern.exec(text);
      return match === null ? undefined : { rule: id, cls, score, reason, evidence: match[0] };
    },
  };
}

function detectorTest({ cls, detect, views, fields }: Detector): Test {
  return {
    ...scope(views, fields),
    find(text) {
      const sign = detect(text);
      return sign === undefined ? undefined : { ...sign, cls };
    },
  };
}

function scope(views: readonly ViewKind[] = DEFAULT_VIEWS, fields?: readonly FieldKind[]): Omit<Test, 'find'> {
  return { views: new Set(views), fields: fields === undefined ? undefined : new Set(fields) };
}

function search(compiled: Compiled, view: View, asked: { kind: FieldKind; found: Map<string, Hit> }): void {
  for (const index of compiled.search.owners(view.text)) {
    const hit = tryTest(compiled.tests[index], view, asked.kind);
    if (hit !== undefined && hit.score > (asked.found.get(hit.rule)?.score ?? 0)) asked.found.set(hit.rule, hit);
  }
}

function tryTest(test: Test | undefined, view: View, kind: FieldKind): Hit | undefined {
  if (test === undefined || !test.views.has(view.kind)) return undefined;
  return test.fields === undefined || test.fields.has(kind) ? test.find(view.text) : undefined;
}
