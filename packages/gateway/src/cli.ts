import { nearestName } from './config/suggest.ts';
import { printable } from './config/config-problem.ts';
import { parseArguments } from './cli/arguments.ts';
import type { CliCommand, ExitCode } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import type { CliDeps, CliIo } from './cli/deps.ts';
import { commandHelp, groupHelp, programHelp } from './cli/help.ts';
import { createOutput } from './cli/output.ts';
import { terminalText } from './cli/text.ts';
import { UsageError } from './cli/usage-error.ts';
import { OperatorRefusal } from './operator/refusal.ts';

/** The answer to a question that has none here: it ran, and found that something is amiss. */
const ANSWERED_NO: readonly string[] = ['not-found', 'conflict'];

/**
 * Runs one command of the program and resolves with its exit code: 0 done, 1 found problems, 2 could not run.
 *
 * Never rejects. Prints results to `io.stdout` and failures to `io.stderr`, without secrets and without what a terminal would obey.
 */
export async function runCli(argv: readonly string[], io: CliIo, deps: CliDeps): Promise<ExitCode> {
  try {
    return await dispatch(argv, io, deps);
  } catch (cause) {
    return failed(cause, argv.includes('--json'), { io, deps });
  }
}

async function dispatch(argv: readonly string[], io: CliIo, deps: CliDeps): Promise<ExitCode> {
  const [first = 'help', second] = argv;
  if (first === '--version' || first === 'version') return say(io, `steadygate ${deps.version}\n`);
  if (first === 'help' || first === '--help' || first === '-h') return say(io, helpFor(argv.slice(1)));
  if (isHelpAsked(argv)) return say(io, helpFor(argv.filter((word) => !word.startsWith('-'))));
  const command = findCommand(first, second);
  const words = argv.slice(command.name.split(' ').length);
  const args = parseArguments(command, words);
  return command.run({ args, io, deps, out: createOutput(io, args.flag('json')) });
}

function isHelpAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h');
}

function findCommand(first: string, second: string | undefined): CliCommand {
  const command = COMMANDS.find(({ name }) => name === `${first} ${second ?? ''}` || name === first);
  if (command !== undefined) return command;
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length === 0)
    throw unknownCommand(first, [...new Set(COMMANDS.map(({ name }) => name.split(' ', 1)[0] ?? name))]);
  const actions = group.map(({ name }) => name.slice(first.length + 1));
  if (second === undefined || second.startsWith('-')) {
    throw new UsageError(`${first} needs a word more: ${actions.join(', ')}.`, first);
  }
  throw unknownCommand(second, actions, first);
}

function unknownCommand(typed: string, known: readonly string[], group?: string): UsageError {
  const near = nearestName(typed, known);
  const before = group === undefined ? '' : `${group} `;
  const hint = near === undefined ? '' : ` Did you mean: steadygate ${before}${near}?`;
  return new UsageError(`There is no command ${before}${printable(typed)}.${hint}`, group);
}

/** Help for the words that name a command, or a group of them. @throws UsageError */
function helpFor(words: readonly string[]): string {
  const [first, second] = words;
  if (first === undefined) return programHelp(COMMANDS);
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length > 0 && second === undefined) return groupHelp(first, group);
  return commandHelp(findCommand(first, second));
}

function say(io: CliIo, text: string): ExitCode {
  io.stdout.write(text);
  return 0;
}

function failed(
  cause: unknown,
  isJson: boolean,
  { io, deps }: { readonly io: CliIo; readonly deps: CliDeps },
): ExitCode {
  const { code, message, help } = describe(cause, deps);
  if (isJson) io.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else io.stderr.write(`steadygate: ${linesText(message)}\n${help}`);
  return ANSWERED_NO.includes(code) ? 1 : 2;
}

/** Several problems stand on a line each. */
function linesText(message: string): string {
  return message.split('\n').map(terminalText).join('\n  ');
}

/** What failed, for people. Of what nobody foresaw the message is shown: only the operator runs this, on their own machine. */
function describe(cause: unknown, deps: CliDeps): { code: string; message: string; help: string } {
  if (cause instanceof UsageError) {
    const of = cause.command === undefined ? '' : ` ${cause.command}`;
    return { code: 'usage', message: cause.message, help: `Try: steadygate${of} --help\n` };
  }
  if (cause instanceof OperatorRefusal) return { code: cause.code, message: cause.message, help: '' };
  const known = deps.failureText(cause);
  if (known !== undefined) return { code: 'unavailable', message: known, help: '' };
  return { code: 'internal', message: `This is a bug: ${bugText(cause)}`, help: '' };
}

function bugText(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : 'something unknown was thrown';
}
