import type { RuleTest } from '@steadygate/core';
import type { JudgedContent } from '../inspection/content-judge.ts';
import { redactLine } from '../log/redact.ts';
import type { Output } from './output.ts';

/** A request that was inspected, and what should have come of it. */
export interface TestedCase extends JudgedContent {
  /** The line of the file it stands in; 1 for one from the command line. */
  readonly place: number;
  readonly method: string;
  readonly target: string;
  readonly expected: 'refused' | 'passed' | undefined;
}

export interface WafTestReport {
  readonly rules: readonly RuleTest[];
  readonly cases: readonly TestedCase[];
}

const TARGET_CHARS = 60;
const SHOWN_ALL_MAX = 20;

/** Whether a request is not what it was expected to be; without an expectation it should pass. */
export function isUnmet({ outcome, expected = 'passed' }: TestedCase): boolean {
  return outcome !== expected;
}

/** Prints what a test of inspection came to. What stands in requests is escaped, and shown without credentials (T25). */
export function printWafTest(report: WafTestReport, out: Output): void {
  if (out.isJson) {
    out.json(JSON.parse(redactLine(JSON.stringify(toJson(report)))));
    return;
  }
  printRules(report.rules, out);
  if (report.cases.length > 0) printCases(report.cases, out);
}

function toJson({ rules, cases }: WafTestReport): unknown {
  const failures = rules.flatMap(({ rule, cls, failures: failed }) =>
    failed.map((each) => ({ rule, class: cls, ...each })),
  );
  return {
    ok: failures.length === 0 && !cases.some(isUnmet),
    rules: { count: rules.length, examples: examplesOf(rules), failures },
    requests: cases.map(caseJson),
  };
}

function caseJson({ finding, expected, ...tested }: TestedCase): unknown {
  const { cls, ...found } = finding ?? {};
  const named = finding === undefined ? {} : { finding: { ...(cls === undefined ? {} : { class: cls }), ...found } };
  return { ...tested, ...(expected === undefined ? {} : { expected }), ...named };
}

function printRules(rules: readonly RuleTest[], out: Output): void {
  for (const { rule, failures } of rules) {
    for (const { example, expected } of failures) {
      out.line(`${out.tone('red', 'failed')}  ${rule}: ${out.plain(JSON.stringify(example))} should be ${expected}`);
    }
  }
  const classes = new Set(rules.map(({ cls }) => cls)).size;
  const failed = rules.filter(({ failures }) => failures.length > 0).length;
  const label = failed === 0 ? out.tone('green', 'ok') : out.tone('red', 'failed');
  const count = `${rules.length} rules of ${classes} classes, ${examplesOf(rules)} examples`;
  out.line(`${label}  ${count}: ${failed === 0 ? 'all are judged as they should be' : `${failed} rules fail`}.`);
}

function examplesOf(rules: readonly RuleTest[]): number {
  return rules.reduce((sum, { examples }) => sum + examples, 0);
}

function printCases(cases: readonly TestedCase[], out: Output): void {
  const shown =
    cases.length <= SHOWN_ALL_MAX ? cases : cases.filter((each) => each.outcome === 'refused' || isUnmet(each));
  out.line();
  out.table(['#', 'REQUEST', 'ROUTE', 'OUTCOME', 'CLASS', 'RULE', 'FIELD', 'SCORE'], shown.map(row), 'All passed.');
  for (const { finding } of cases.length === 1 ? cases : []) {
    if (finding !== undefined) printFinding(finding, out);
  }
  const refused = cases.filter(({ outcome }) => outcome === 'refused').length;
  const unmet = cases.filter((each) => each.expected !== undefined && isUnmet(each)).length;
  out.line();
  out.line(`${cases.length} inspected, ${refused} refused${unmet === 0 ? '' : `, ${unmet} not as expected`}.`);
}

function row({ place, method, target, route, outcome, expected, finding }: TestedCase): readonly string[] {
  const shown = target.length > TARGET_CHARS ? `${target.slice(0, TARGET_CHARS - 1)}…` : target;
  return [
    String(place),
    redactLine(`${method} ${shown}`),
    routeText(route),
    expected === undefined || expected === outcome ? outcome : `${outcome}, not ${expected}`,
    ...findingCells(finding),
  ];
}

function routeText(route: TestedCase['route']): string {
  if (route === undefined) return 'none';
  return route.mode === 'enforce' ? route.path : `${route.path} (${route.mode})`;
}

function findingCells(finding: TestedCase['finding']): readonly string[] {
  if (finding === undefined) return ['', '', '', ''];
  const { cls = '', rule, field, score, threshold } = finding;
  return [cls, rule, field, score === undefined ? '' : `${score} of ${threshold ?? '?'}`];
}

function printFinding({ reason, profile, evidence, exception }: NonNullable<TestedCase['finding']>, out: Output): void {
  const lines = [
    ['why', reason],
    ['read as', profile],
    ['evidence', evidence],
    ['exception', exception],
  ] as const;
  out.line();
  for (const [name, text] of lines) {
    if (text !== undefined) out.line(`${out.tone('dim', name.padEnd(10))} ${out.plain(redactLine(text))}`);
  }
}
