import { redactLine } from '../log/redact.ts';
import type { Change, ChangeKind, ReplaySummary } from '../replay/replay-report.ts';
import type { Output } from './output.ts';

const TITLES: Readonly<Record<ChangeKind, string>> = {
  refused: 'Would be refused',
  admitted: 'Would be let in',
  otherwise: 'Refused both times, by another rule',
  shadow: 'Found in shadow, not refused',
};

/** Prints what a replay came to, by rule. What stands in requests is escaped, and shown without credentials (T25). */
export function printReplay(summary: ReplaySummary, out: Output): void {
  if (out.isJson) {
    // Redacted as a line, so that no credential of a recorded path leaves it.
    out.json(JSON.parse(redactLine(JSON.stringify(summary))));
    return;
  }
  out.line(totals(summary));
  for (const kind of ['refused', 'admitted', 'otherwise', 'shadow'] as const) {
    printChanges(
      TITLES[kind],
      summary.changes.filter((change) => change.kind === kind),
      out,
    );
  }
  for (const note of notes(summary)) out.line(`${out.tone('yellow', 'note')}  ${note}`);
}

function totals({ requests, refused, admitted }: ReplaySummary): string {
  const many = plural(requests, 'request');
  if (refused + admitted === 0) return `${many}: nothing would change.`;
  return `${many}: ${count(refused)} would be refused, ${count(admitted)} would be let in.`;
}

function printChanges(title: string, changes: readonly Change[], out: Output): void {
  if (changes.length === 0) return;
  out.line();
  out.line(out.tone('bold', title));
  for (const { guard, rule, config, count: times, examples } of changes) {
    const place = config === undefined ? '' : out.tone('dim', ` (${out.plain(config)})`);
    out.line(`  ${count(times).padStart(8)}  ${out.plain(guard)}: ${out.plain(rule)}${place}`);
    for (const { place: at, method, path, field, evidence } of examples) {
      const found = [field, evidence].filter((part) => part !== undefined).join(' ');
      const where = `#${at} ${method} ${path}${found === '' ? '' : `, ${found}`}`;
      out.line(`            ${out.tone('dim', out.plain(redactLine(where)))}`);
    }
  }
}

function notes(summary: ReplaySummary): readonly string[] {
  const { callersUnknown, bodiesMissing, timesMissing, notJudged, unreadable, unreadableExamples } = summary;
  const [first] = unreadableExamples;
  return [
    [callersUnknown, 'without a known caller: permissions, and limits per caller, were not judged'],
    [bodiesMissing, 'with a body that the recording leaves out: bodies were not inspected'],
    [timesMissing, 'without a time: limits were not judged'],
    [notJudged, 'refused for a reason that a recording cannot repeat (credential, CSRF, owner): left out'],
    [
      unreadable,
      `lines that hold no request${first === undefined ? '' : `; the first is #${first.place}, which ${first.reason}`}`,
    ],
  ].flatMap(([times, text]) => (times === 0 ? [] : [`${count(Number(times))} ${String(text)}.`]));
}

function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
