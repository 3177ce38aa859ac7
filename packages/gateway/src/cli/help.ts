import type { CliCommand, OptionSpec } from './command.ts';
import { alignedRows } from './text.ts';

const USAGE_CHARACTERS_MAX = 80;

/** The help of the program: every command in one line. */
export function programHelp(commands: readonly CliCommand[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return [
    'Steadygate: a security gateway in front of an API or AI application.',
    '',
    'Usage: steadygate COMMAND [options]',
    '',
    ...alignedRows(rows),
    '',
    'steadygate COMMAND --help says more. Every command takes --json.',
    'Exit code: 0 done, 1 found problems, 2 could not run.',
    '',
  ].join('\n');
}

/** The help of a group such as `invite`. */
export function groupHelp(group: string, commands: readonly CliCommand[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return [`Usage: steadygate ${group} COMMAND [options]`, '', ...alignedRows(rows), ''].join('\n');
}

/** The help of one command. */
export function commandHelp(command: CliCommand): string {
  const { summary, options, examples } = command;
  const given = command.arguments ?? [];
  const rows = [
    ...given.map((argument) => [`  ${argument.name}`, argument.help]),
    ...Object.entries(options).map(([option, spec]) => [`  ${optionText(option, spec)}`, spec.help]),
  ];
  return [
    summary,
    '',
    `Usage: steadygate ${usageText(command)}`,
    '',
    ...alignedRows(rows),
    ...(command.notes === undefined ? [] : ['', ...command.notes]),
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples.map((example) => `  steadygate ${example}`)]),
    '',
  ].join('\n');
}

/** Everything on one line where it fits; else what may be left out is `[options]`. */
function usageText({ name, options, arguments: given = [] }: CliCommand): string {
  const entries = Object.entries(options);
  const required = entries
    .filter(([, spec]) => spec.required === true)
    .map(([option, spec]) => optionText(option, spec));
  const optional = entries
    .filter(([, spec]) => spec.required !== true)
    .map(([option, spec]) => `[${optionText(option, spec)}]`);
  const words = [
    name,
    ...given.map(({ name: argument, isOptional }) => (isOptional === true ? `[${argument}]` : argument)),
    ...required,
  ];
  const full = [...words, ...optional].join(' ');
  return full.length <= USAGE_CHARACTERS_MAX ? full : [...words, '[options]'].join(' ');
}

function optionText(name: string, { value }: OptionSpec): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
