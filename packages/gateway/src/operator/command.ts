import { ProblemError } from '@steadygate/core';
import type { z } from 'zod';
import type { OperatorDeps } from './deps.ts';

/** One thing that whoever owns the data directory may do, over the control socket or on the store itself. */
export interface OperatorCommand<Input extends z.ZodType, Output extends z.ZodType> {
  /** Such as `invite.create`. */
  readonly name: string;
  readonly summary: string;
  /** True when it makes sense in a running server only. */
  readonly needsServer: boolean;
  readonly input: Input;
  readonly output: Output;
  run(deps: OperatorDeps, input: z.output<Input>): Promise<z.input<Output>>;
}

export type AnyOperatorCommand = OperatorCommand<z.ZodType, z.ZodType>;

/** Keeps the precise types of a command. */
export function defineCommand<Input extends z.ZodType, Output extends z.ZodType>(
  command: OperatorCommand<Input, Output>,
): OperatorCommand<Input, Output> {
  return command;
}

/** Checks the input, runs the command and checks its answer. @throws ProblemError `input-invalid`, and the command's own */
export async function runCommand(command: AnyOperatorCommand, deps: OperatorDeps, input: unknown): Promise<unknown> {
  const parsed = command.input.safeParse(input);
  if (!parsed.success) throw new ProblemError('input-invalid', { detail: issueText(parsed.error.issues[0]) });
  return command.output.parse(await command.run(deps, parsed.data));
}

/** Names the field, never its value. */
function issueText(issue: z.core.$ZodIssue | undefined): string {
  const field = issue?.path.map(String).join('.') ?? '';
  const message = issue?.message ?? 'not valid';
  return field === '' ? message : `${field}: ${message}`;
}
