import { parseArgs } from 'node:util';
import { nearestName } from '../config/suggest.ts';
import { printable } from '../config/config-problem.ts';
import { parseDuration } from '../config/units.ts';
import type { Arguments, CliCommand, OptionSpec } from './command.ts';
import { UsageError } from './usage-error.ts';

type Value = string | number | true;

/** Reads the words after a command's name. @throws UsageError naming the option, never its value */
export function parseArguments(command: CliCommand, words: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...words],
    options: nodeOptions(command),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values = new Map<string, Value>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') setOption(values, command, token);
  }
  for (const [name, { required }] of Object.entries(command.options)) {
    if (required === true && !values.has(name)) throw new UsageError(`--${name} is missing.`, command.name);
  }
  return argumentsOf(values, namedArguments(command, positionals));
}

function nodeOptions(command: CliCommand): Record<string, { type: 'boolean' | 'string' }> {
  const entries = Object.entries(command.options).map(([name, { kind }]) => {
    return [name, { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) }] as const;
  });
  return Object.fromEntries(entries);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

function setOption(values: Map<string, Value>, command: CliCommand, { name, rawName, value }: OptionToken): void {
  const spec = Object.hasOwn(command.options, name) && rawName.startsWith('--') ? command.options[name] : undefined;
  if (spec === undefined) throw unknownOption(command, rawName);
  if (values.has(name)) throw new UsageError(`--${name} was given twice.`, command.name);
  values.set(
    name,
    optionValue(spec, value, (message) => new UsageError(`--${name} ${message}`, command.name)),
  );
}

function unknownOption(command: CliCommand, rawName: string): UsageError {
  const near = nearestName(rawName.replace(/^-+/, ''), Object.keys(command.options));
  const hint = near === undefined ? '' : ` Did you mean --${near}?`;
  return new UsageError(`${command.name} has no option ${printable(rawName)}.${hint}`, command.name);
}

function optionValue(spec: OptionSpec, text: string | undefined, fail: (message: string) => UsageError): Value {
  if (spec.kind === 'flag') {
    if (text !== undefined) throw fail('takes no value.');
    return true;
  }
  // `--role --json` would take an option for a value; `--role=--json` says that it is meant.
  if (text === undefined || text === '') throw fail(`needs a value: ${spec.value ?? 'TEXT'}.`);
  if (spec.kind === 'text') return text;
  const number = spec.kind === 'count' ? countOf(text) : parseDuration(text);
  if (number === undefined)
    throw fail(spec.kind === 'count' ? 'takes a whole number.' : 'takes a duration, such as 15m or 72h.');
  return number;
}

function countOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function namedArguments(command: CliCommand, given: readonly string[]): ReadonlyMap<string, string> {
  const specs = command.arguments ?? [];
  const missing = specs[given.length];
  if (missing !== undefined && missing.isOptional !== true)
    throw new UsageError(`${command.name} needs ${missing.name}: ${missing.help}`, command.name);
  if (given.length > specs.length)
    throw new UsageError(`${command.name} was given an argument too many.`, command.name);
  return new Map(given.map((value, at) => [specs[at]?.name ?? '', value]));
}

function argumentsOf(values: ReadonlyMap<string, Value>, named: ReadonlyMap<string, string>): Arguments {
  return {
    flag: (name) => values.get(name) === true,
    text(name) {
      const value = values.get(name);
      return typeof value === 'string' ? value : undefined;
    },
    number(name) {
      const value = values.get(name);
      return typeof value === 'number' ? value : undefined;
    },
    argument(name) {
      const value = named.get(name);
      if (value === undefined) throw new Error(`the command names no argument ${name}`);
      return value;
    },
    optionalArgument: (name) => named.get(name),
  };
}
