import type { TableRow } from '@steadygate/core';

const WIDTH = 120;

type Cells = readonly string[];

/** Guards × routes for people: the routes in matching order, and below them which guards run, in their order. */
export function tableText(rows: readonly TableRow[]): string {
  const sets = [...new Set(rows.map((row) => row.guards.join(' ')))];
  const labelOf = (row: TableRow): string => labels(sets.indexOf(row.guards.join(' ')));
  const head: Cells = ['METHODS', 'PATH', 'ACCESS', 'PERMISSION', 'UPSTREAM', 'OBJECTS', 'GUARDS'];
  const body = rows.map((row): Cells => {
    return [row.methods, row.path, row.access, row.permission, row.upstream, row.ownership, labelOf(row)];
  });
  const legend = sets.map((set, at) => wrapped(labels(at), set.split(' ')));
  return [...aligned([head, ...body]), '', 'Guards, in the order in which they run:', ...legend, ''].join('\n');
}

/** The same rows for programs. */
export function tableJson(rows: readonly TableRow[]): string {
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}

/** A, B, … Z, AA: short names for sets of guards. */
function labels(at: number): string {
  const last = String.fromCodePoint(65 + (at % 26));
  return at < 26 ? last : `${labels(Math.floor(at / 26) - 1)}${last}`;
}

/** Columns as wide as their widest cell; where that is too much, the widest give way and their cells go on below. */
function aligned(rows: readonly Cells[]): readonly string[] {
  const widths = fitted(rows);
  return rows.flatMap((row) => {
    const cut = row.map((cell, at) => pieces(cell, widths[at] ?? 1));
    const height = Math.max(...cut.map((parts) => parts.length));
    return Array.from({ length: height }, (_, line) =>
      cut
        .map((parts, at) => (parts[line] ?? '').padEnd(widths[at] ?? 1))
        .join('  ')
        .trimEnd(),
    );
  });
}

function fitted(rows: readonly Cells[]): readonly number[] {
  const columns = rows[0]?.length ?? 0;
  let widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const room = WIDTH - 2 * (columns - 1);
  while (sum(widths) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    widths = widths.map((width, at) => (at === widest ? width - 1 : width));
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A cell in lines of at most `width`, cut behind a space or slash where there is one. */
function pieces(cell: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = cell;
  while (rest.length > width) {
    const part = rest.slice(0, width);
    const at = Math.max(part.lastIndexOf(' '), part.lastIndexOf('/')) + 1;
    const cut = at > 1 ? at : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut);
  }
  return [...lines, rest];
}

function wrapped(label: string, guards: Cells): string {
  const indent = ' '.repeat(6);
  const lines: string[] = [];
  let line = `  ${label}`.padEnd(indent.length - 1);
  for (const guard of guards) {
    const isFull = line.length + guard.length + 1 > WIDTH;
    if (isFull) lines.push(line);
    line = isFull ? `${indent}${guard}` : `${line} ${guard}`;
  }
  return [...lines, line].join('\n');
}
