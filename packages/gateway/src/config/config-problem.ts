/** One thing that is wrong with a configuration, and where. Never holds a configured value. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; 1 when the whole file is meant. */
  readonly line: number;
  readonly column: number;
  /** Such as `routes[2].permission`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** Where something stands in the file, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One line for people: `file:line:column: path: message. Hint`. */
export function formatConfigProblem(problem: ConfigProblem): string {
  const { file, line, column, path, message, hint } = problem;
  const where = `${file}:${String(line)}:${String(column)}`;
  return `${where}: ${path === '' ? '' : `${path}: `}${message}. ${sentence(hint)}`.trimEnd();
}

function sentence(hint: string): string {
  const text = `${hint.charAt(0).toUpperCase()}${hint.slice(1)}`;
  return /[\w)]$/.test(text) ? `${text}.` : text;
}

/** A configuration path: `routes[2].permission`; keys that are no plain names stand in quotes. */
export function pathText(segments: readonly PropertyKey[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${String(segment)}]`;
    else if (/^[\w-]+$/.test(String(segment))) text += `${text === '' ? '' : '.'}${String(segment)}`;
    else text += `[${JSON.stringify(printable(String(segment)))}]`;
  }
  return text;
}

/** Text from a file made safe to print: cut, and without control or direction-changing characters. */
export function printable(text: string): string {
  const safe = text.replace(/[^\x20-\x7e\xa1-\u1fff]/g, '?');
  return safe.length > 64 ? `${safe.slice(0, 63)}…` : safe;
}
