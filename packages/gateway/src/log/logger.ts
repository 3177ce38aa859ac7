import type { DecisionRecord } from '@steadygate/core';
import { redactLine } from './redact.ts';
import { requestLine } from './request-line.ts';

/** What a line tells beside its message. `cause`: an error, shown with all its causes. */
export type Facts = Readonly<Record<string, unknown>>;

/** Writes one line of the log. */
export interface Log {
  (message: string): void;
  (facts: Facts, message: string): void;
}

/** The program's log: JSON lines `{ level, at, …, msg }`, redacted whoever wrote them. Never throws for what it is given. */
export interface Logger {
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
  /** The line of one request that went as it should: of it there are many. */
  request(record: DecisionRecord): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
type Level = (typeof LEVELS)[number];

export interface LoggerOptions {
  readonly level: Level;
  /** `flush`: what it holds back is written now. Asked for after a warning or an error. */
  readonly destination: { write(line: string): unknown; flush?(): void };
}

/** A logger with one destination. What is below its level costs nothing. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const isWritten = (wanted: Level): boolean => LEVELS.indexOf(wanted) >= LEVELS.indexOf(level);
  const at = (wanted: 'info' | 'warn' | 'error'): Log => {
    if (!isWritten(wanted)) return () => undefined;
    return (first: Facts | string, message?: string): void => {
      const facts = typeof first === 'string' ? {} : first;
      const msg = typeof first === 'string' ? first : message;
      destination.write(redactLine(`${textOf({ level: wanted, at: Date.now(), ...facts, msg })}\n`));
      if (wanted !== 'info') destination.flush?.();
    };
  };
  const request = isWritten('info')
    ? (record: DecisionRecord) => void destination.write(requestLine(record))
    : () => {};
  return { info: at('info'), warn: at('warn'), error: at('error'), request };
}

function textOf(line: Facts): string {
  try {
    const cause = describeCause(line['cause'], CAUSES_MAX);
    return JSON.stringify(cause === undefined ? line : { ...line, cause });
  } catch {
    // Something in it is no JSON, such as a circle: the rest must be told all the same.
    const { level, at, msg } = line;
    return JSON.stringify({ level, at, msg, facts: 'cannot be written' });
  }
}

const CAUSES_MAX = 10;

/** An error with its chain of causes. */
function describeCause(cause: unknown, left: number): unknown {
  if (!(cause instanceof Error)) return cause;
  const inner = cause.cause === undefined || left === 0 ? {} : { cause: describeCause(cause.cause, left - 1) };
  return { name: cause.name, message: cause.message, stack: cause.stack, ...inner };
}
