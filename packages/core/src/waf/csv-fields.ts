import { fieldAt, type FieldVisitor } from './field.ts';

/**
 * Visits the cells of a table (RFC 4180), each under the name of its column; separated by commas, semicolons or tabs.
 *
 * `other`: its quotes do not pair, and readers would differ in where a cell ends.
 */
export function visitCsv(text: string, visit: FieldVisitor): 'stopped' | 'done' | 'other' {
  const rows = rowsOf(text);
  if (rows === undefined) return 'other';
  const names = rows[0] ?? [];
  for (const row of rows) {
    for (const [column, value] of row.entries()) {
      const name = names[column] ?? '';
      if (value !== '' && visit(fieldAt('text', `body:${name.slice(0, 64)}`, { name, value }))) return 'stopped';
    }
  }
  return 'done';
}

/* A cell in quotes, where quotes are doubled; or one without. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",;\t\r\n][^,;\t\r\n]*)?)([,;\t]|\r?\n|$)/y;

function rowsOf(text: string): readonly (readonly string[])[] | undefined {
  const rows: string[][] = [];
  let row: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const found = CELL.exec(text);
    if (found === null) return undefined;
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (/[,;\t]/.test(found[3] ?? '')) continue;
    rows.push(row);
    row = [];
  }
  return row.length === 0 ? rows : [...rows, row];
}
