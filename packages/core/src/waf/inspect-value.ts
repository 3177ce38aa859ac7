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
  readonly literalCount: number;
  /** Literal id → indexes of tests. */
  readonly testsOf: readonly (readonly number[])[];
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
  const sources = [...rules, ...detectors];
  const literals = [...new Set(sources.flatMap((source) => source.literals))];
  const ids = new Map(literals.map((literal, id) => [literal, id]));
  const testsOf: number[][] = literals.map(() => []);
  for (const [index, source] of sources.entries()) {
    for (const literal of source.literals) testsOf[ids.get(literal) ?? -1]?.push(index);
  }
  const tests = [...rules.map(ruleTest), ...detectors.map(detectorTest)];
  return { search: literalSearch(literals), literalCount: literals.length, testsOf, tests };
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
  const marks = new Uint8Array(compiled.literalCount);
  compiled.search.mark(view.text, marks);
  const tried = new Set<number>();
  for (let id = marks.indexOf(1); id >= 0; id = marks.indexOf(1, id + 1)) {
    for (const index of compiled.testsOf[id] ?? []) {
      if (tried.has(index)) continue;
      tried.add(index);
      const hit = tryTest(compiled.tests[index], view, asked.kind);
      if (hit !== undefined && hit.score > (asked.found.get(hit.rule)?.score ?? 0)) asked.found.set(hit.rule, hit);
    }
  }
}

function tryTest(test: Test | undefined, view: View, kind: FieldKind): Hit | undefined {
  if (test === undefined || !test.views.has(view.kind)) return undefined;
  return test.fields === undefined || test.fields.has(kind) ? test.find(view.text) : undefined;
}
