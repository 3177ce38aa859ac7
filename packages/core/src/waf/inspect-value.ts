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
  readonly except: ReadonlySet<FieldKind>;
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
      if (value.length < LENGTH_MIN || (!NEVER_PLAIN.has(kind) && isHarmless(value))) return NONE;
      const found = new Map<string, Hit>();
      const kinds = kindsOf(value, kind);
      for (const { views } of readingsOf(value)) {
        for (const view of views) search(compiled, view, { kinds, found });
      }
      return found.size === 0 ? NONE : [...found.values()];
    },
  };
}

const NONE: readonly Hit[] = [];
/* A word alone can be the finding: a script's name, a scanner's. */
const NEVER_PLAIN: ReadonlySet<FieldKind> = new Set(['path', 'file', 'header']);
const LINE_CHARS_MAX = 300;

/** A short line in a document is what a field of a form is; only long values of documents are texts and programs. */
function kindsOf(value: string, kind: FieldKind): readonly FieldKind[] {
  return kind === 'json' && value.length <= LINE_CHARS_MAX && !value.includes('\n') ? ['json', 'form'] : [kind];
}
const SHORT = 7;

/** Short words, numbers and ids, which nearly all values are, say nothing in any reading. */
function isHarmless(value: string): boolean {
  if (value === 'whoami') return false;
  if (value.length <= SHORT) return (textBits(value) & ~(BIT.space | BIT.colon)) === 0 && !value.includes(' -');
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

function ruleTest(rule: Rule): Test {
  const { id, cls, score, reason, pattern, unless } = rule;
  return {
    ...scope(rule),
    find(text) {
      const match = pattern.exec(text);
      if (match === null || unless?.test(text) === true) return undefined;
      return { rule: id, cls, score, reason, evidence: match[0] };
    },
  };
}

function detectorTest(detector: Detector): Test {
  const { cls, detect } = detector;
  return {
    ...scope(detector),
    find(text) {
      const sign = detect(text);
      return sign === undefined ? undefined : { ...sign, cls };
    },
  };
}

function scope({ views = DEFAULT_VIEWS, fields, except = [] }: Partial<Rule & Detector>): Omit<Test, 'find'> {
  return {
    views: new Set(views),
    fields: fields === undefined ? undefined : new Set(fields),
    except: new Set(except),
  };
}

interface Asked {
  readonly kinds: readonly FieldKind[];
  readonly found: Map<string, Hit>;
}

function search(compiled: Compiled, view: View, asked: Asked): void {
  for (const index of compiled.search.owners(view.text)) {
    const hit = tryTest(compiled.tests[index], view, asked.kinds);
    if (hit !== undefined && hit.score > (asked.found.get(hit.rule)?.score ?? 0)) asked.found.set(hit.rule, hit);
  }
}

function tryTest(test: Test | undefined, view: View, kinds: readonly FieldKind[]): Hit | undefined {
  if (test === undefined || !test.views.has(view.kind)) return undefined;
  const { fields, except } = test;
  if (kinds.some((kind) => except.has(kind))) return undefined;
  return fields === undefined || kinds.some((kind) => fields.has(kind)) ? test.find(view.text) : undefined;
}
