import type { CliDeps, CliIo } from './deps.ts';
import type { Output } from './output.ts';

/** 0: done, nothing to complain of. 1: done, and there is something. 2: could not run. */
export type ExitCode = 0 | 1 | 2;

/** How an option's value is read. */
export type OptionKind = 'flag' | 'text' | 'count' | 'duration';

/** One option of a command. */
export interface OptionSpec {
  readonly kind: OptionKind;
  /** What stands for the value in help texts, such as `NAME`; none for a flag. */
  readonly value?: string;
  readonly help: string;
  readonly required?: boolean;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** One argument that is no option. */
export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  /** Only the last may be left out. */
  readonly isOptional?: boolean;
}

/** What the user typed, checked against the command's options. Durations are in milliseconds. */
export interface Arguments {
  flag(name: string): boolean;
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  /** The value of an argument that the command needs. */
  argument(name: string): string;
  optionalArgument(name: string): string | undefined;
}

/** Everything a command works with. */
export interface Call {
  readonly args: Arguments;
  readonly io: CliIo;
  readonly deps: CliDeps;
  readonly out: Output;
}

/** One command of the program. */
export interface CliCommand {
  /** One or two words, such as `invite create`. */
  readonly name: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  readonly arguments?: readonly ArgumentSpec[];
  /** Without the program's name. */
  readonly examples: readonly string[];
  /** Further lines of help. */
  readonly notes?: readonly string[];
  run(call: Call): Promise<ExitCode>;
}

/** Every command answers in JSON when asked. */
export const JSON_OPTION = { kind: 'flag', help: 'Print JSON.' } as const satisfies OptionSpec;

/** Where the data lies. */
export const DATA_OPTION = {
  kind: 'text',
  value: 'DIR',
  help: 'The data directory. Default: ./.steadygate',
} as const satisfies OptionSpec;

/** Where the configuration lies. */
export const CONFIG_OPTION = {
  kind: 'text',
  value: 'FILE',
  help: 'The configuration. Default: ./steadygate.yaml, if there is one',
} as const satisfies OptionSpec;
