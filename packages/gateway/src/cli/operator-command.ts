import type { z } from 'zod';
import { callOperator } from '../operator/client.ts';
import type { OperatorCommand } from '../operator/command.ts';
import {
  type Arguments,
  type Call,
  type CliCommand,
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  type OptionSpecs,
} from './command.ts';
import { operatorLocations } from './locations.ts';

/** A command of the program that is an operator's command: what it asks, and how its answer reads. */
export interface OperatorCliCommand<Input extends z.ZodType, Output extends z.ZodType> extends Omit<
  CliCommand,
  'run' | 'options'
> {
  readonly operator: OperatorCommand<Input, Output>;
  readonly options: OptionSpecs;
  input(args: Arguments): z.input<Input>;
  /** What JSON shows; the answer itself when absent. */
  json?(answer: z.output<Output>): unknown;
  /** For people. */
  print(answer: z.output<Output>, call: Call): void;
  /** True when the answer says that something is wrong. */
  isBad?(answer: z.output<Output>): boolean;
}

/** Makes a command of the program: sends it, and prints the answer as JSON or for people. */
export function operatorCommand<Input extends z.ZodType, Output extends z.ZodType>(
  command: OperatorCliCommand<Input, Output>,
): CliCommand {
  const { name, summary, examples } = command;
  return {
    name,
    summary,
    examples,
    ...(command.arguments === undefined ? {} : { arguments: command.arguments }),
    ...(command.notes === undefined ? {} : { notes: command.notes }),
    options: { ...command.options, data: DATA_OPTION, config: CONFIG_OPTION, json: JSON_OPTION },
    async run(call) {
      const answer = await ask(call, command.operator, command.input(call.args));
      if (call.out.isJson) call.out.json(command.json === undefined ? answer : command.json(answer));
      else command.print(answer, call);
      return command.isBad?.(answer) === true ? 1 : 0;
    },
  };
}

/** Sends an operator's command to where the arguments say. @throws OperatorRefusal */
function ask<Input extends z.ZodType, Output extends z.ZodType>(
  { args, io, deps }: Call,
  command: OperatorCommand<Input, Output>,
  input: z.input<Input>,
): Promise<z.output<Output>> {
  const { source, dataDir } = operatorLocations(args, io, deps);
  const offline = {
    exists: (dir: string) => deps.storeExists(dir, source),
    open: (dir: string) => deps.openOffline(dir, source),
  };
  return callOperator({ dataDir, offline }, command, input);
}

/** The tenant that a command works in. */
export const TENANT_OPTION = { kind: 'text', value: 'TENANT', help: 'Default: default' } as const;

/** Which part of a list is shown. */
export const PAGE_OPTIONS = {
  limit: { kind: 'count', value: 'N', help: 'How many at once. Default: 50, at most 200' },
  cursor: { kind: 'text', value: 'CURSOR', help: 'Goes on where a list ended.' },
} as const satisfies OptionSpecs;

/** What a list command asks for. */
export function pageInput(args: Arguments): { tenant?: string; limit?: number; cursor?: string } {
  return { ...textInput(args, { tenant: 'tenant', cursor: 'cursor' }), ...numberInput(args, { limit: 'limit' }) };
}

/** The given options under the names that the command's input has; what was not given stays out. */
export function textInput<Name extends string>(
  args: Arguments,
  names: Readonly<Record<Name, string>>,
): { [name in Name]?: string } {
  return given(names, (option) => args.text(option));
}

/** The same for counts, and durations in milliseconds. */
export function numberInput<Name extends string>(
  args: Arguments,
  names: Readonly<Record<Name, string>>,
): { [name in Name]?: number } {
  return given(names, (option) => args.number(option));
}

function given<Name extends string, T>(
  names: Readonly<Record<Name, string>>,
  read: (option: string) => T | undefined,
): { [name in Name]?: T } {
  const entries = Object.entries<string>(names).map(([name, option]) => [name, read(option)] as const);
  // The entries have the keys of `names`; `fromEntries` forgets that.
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as { [name in Name]?: T };
}

/** Says how a list goes on. */
export function printNext({ out }: Call, cursor: string | null): void {
  if (cursor !== null) out.line(out.tone('dim', `There is more: --cursor ${cursor}`));
}
