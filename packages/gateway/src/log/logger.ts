import { type Logger, pino } from 'pino';
import { redactLine } from './redact.ts';

export type { Logger };

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly destination: { write(line: string): unknown };
}

/** A JSON logger with one sink: every line is redacted, whoever wrote it. */
export function createLogger(options: LoggerOptions): Logger {
  const sink = { write: (line: string): void => void options.destination.write(redactLine(line)) };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"at":${Date.now()}`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { cause: describeCause },
    },
    sink,
  );
}

/** An error with its whole chain of causes; stacks only of bugs, which are what is worth reading. */
function describeCause(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const inner = cause.cause === undefined ? {} : { cause: describeCause(cause.cause) };
  return { name: cause.name, message: cause.message, stack: cause.stack, ...inner };
}
