import { styleText } from 'node:util';
import type { CliIo } from './deps.ts';
import { alignedRows, terminalText } from './text.ts';

export type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** What a command prints. Tables escape their cells; what else comes from outside goes through `plain`. */
export interface Output {
  readonly isJson: boolean;
  /** One JSON value, indented for people. */
  json(value: unknown): void;
  /** A line for people; none with `--json`. */
  line(text?: string): void;
  /** A titled table for people; `empty` is said instead when there are no rows. */
  table(columns: readonly string[], rows: readonly (readonly string[])[], empty: string): void;
  /** Text from outside, fit for a terminal (T25). */
  plain(text: string): string;
  /** Emphasis, where the terminal has some. */
  tone(tone: Tone, text: string): string;
}

/** Output to `io`, for people or as JSON. Colours only on a terminal, and never when NO_COLOR is set. */
export function createOutput(io: CliIo, isJson: boolean): Output {
  const hasColor = io.isTty && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  const tone = (name: Tone, text: string): string =>
    hasColor ? styleText(name, text, { validateStream: false }) : text;
  const line = (text = ''): void => {
    if (!isJson) io.stdout.write(`${text}\n`);
  };
  return {
    isJson,
    json: (value) => void io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    line,
    table(columns, rows, empty) {
      if (rows.length === 0) {
        line(empty);
        return;
      }
      const [head = '', ...body] = alignedRows([columns, ...rows.map((row) => row.map(terminalText))]);
      line(tone('bold', head));
      for (const text of body) line(text);
    },
    plain: terminalText,
    tone,
  };
}
