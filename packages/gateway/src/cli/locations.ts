import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { Arguments } from './command.ts';
import type { CliDeps, CliIo, ConfigSource } from './deps.ts';
import { UsageError } from './usage-error.ts';

const CONFIG_FILE = 'steadygate.yaml';
const DATA_DIR = '.steadygate';
const DEMO_DIR = join(DATA_DIR, 'demo');

/** Where a command looks: the configuration and the data. */
export interface Locations {
  readonly source: ConfigSource;
  /** Absolute. */
  readonly dataDir: string;
}

/** Where the configuration comes from: what was named, else `./steadygate.yaml`, else the demo. @throws UsageError */
export function configSource(args: Arguments, io: Pick<CliIo, 'cwd'>): ConfigSource {
  const named = args.text('config');
  if (named !== undefined) return namedSource(named, 'config', io);
  const file = join(io.cwd, CONFIG_FILE);
  return existsSync(file) ? { kind: 'file', file } : { kind: 'demo' };
}

/** The same where `--upstream URL` may stand for a configuration: to other commands an upstream is a name. */
function startSource(args: Arguments, io: Pick<CliIo, 'cwd'>): ConfigSource {
  const url = args.text('upstream');
  if (url === undefined) return configSource(args, io);
  if (args.text('config') === undefined) return { kind: 'upstream', url };
  throw new UsageError('--config and --upstream exclude each other: name the upstream in the configuration.', 'start');
}

/** The configuration that an option names. @throws UsageError */
export function namedSource(name: string, option: string, io: Pick<CliIo, 'cwd'>): ConfigSource {
  return { kind: 'file', file: existing(resolve(io.cwd, name), option) };
}

function existing(file: string, option: string): string {
  if (!existsSync(file)) throw new UsageError(`The file that --${option} names does not exist.`);
  return file;
}

/** Where `start` reads and keeps. */
export function startLocations(args: Arguments, io: Pick<CliIo, 'cwd'>): Locations {
  const source = startSource(args, io);
  const named = args.text('data') ?? (source.kind === 'demo' ? DEMO_DIR : DATA_DIR);
  return { source, dataDir: resolve(io.cwd, named) };
}

/**
 * Where the other commands look.
 *
 * Without a configuration the server may run with `--upstream` or as the demo: the directory with a socket is meant, else the one
 * with a store.
 */
export function operatorLocations(
  args: Arguments,
  io: Pick<CliIo, 'cwd'>,
  deps: Pick<CliDeps, 'storeExists'>,
): Locations {
  const source = configSource(args, io);
  const named = args.text('data');
  if (named !== undefined) return { source, dataDir: resolve(io.cwd, named) };
  if (source.kind !== 'demo') return { source, dataDir: resolve(io.cwd, DATA_DIR) };
  const candidates = [DEMO_DIR, DATA_DIR].map((dir) => resolve(io.cwd, dir));
  const live = candidates.find((dir) => existsSync(join(dir, 'control.sock')));
  const kept = candidates.find((dir) => deps.storeExists(dir));
  const dataDir = live ?? kept ?? resolve(io.cwd, DATA_DIR);
  return { source, dataDir };
}

/** Whether a data directory is the one that the demo uses by default: its configuration is then the example's. */
export function isDemoData(dataDir: string): boolean {
  return dataDir.endsWith(join(sep, DEMO_DIR));
}
