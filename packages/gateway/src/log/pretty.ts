import { escapeControls } from './redact.ts';

/** Shows JSON log lines as one short line each: for people at a terminal. */
export function prettySink(out: { write(text: string): unknown }): { write(line: string): void } {
  return { write: (line) => void out.write(`${prettyLine(line)}\n`) };
}

/** One log line for people, of which a terminal obeys nothing (T25). A line that is not JSON keeps its text. */
export function prettyLine(line: string): string {
  // Parsing brings back what was escaped in JSON.
  return escapeControls(plainLine(line));
}

function plainLine(line: string): string {
  const facts = parse(line);
  if (facts === undefined) return line.trimEnd();
  const time = new Date(Number(facts['at'])).toISOString().slice(11, 19);
  const text =
    facts['msg'] === 'request' ? requestText(facts) : `${String(facts['level'])} ${String(facts['msg'])}${rest(facts)}`;
  return `${time} ${text}`;
}

function requestText(facts: Readonly<Record<string, unknown>>): string {
  const { method, path, status, ms, requestId, guard, code } = facts;
  const reason = typeof guard === 'string' ? `  ${guard}: ${String(code)}` : '';
  return `${String(status)} ${String(method).padEnd(6)} ${String(path)}  ${Math.round(Number(ms))} ms  ${String(requestId)}${reason}`;
}

function rest(facts: Readonly<Record<string, unknown>>): string {
  const { at: _at, level: _level, msg: _msg, ...others } = facts;
  return Object.keys(others).length === 0 ? '' : ` ${JSON.stringify(others)}`;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // Log lines are JSON objects.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
