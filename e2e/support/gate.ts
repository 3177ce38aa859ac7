import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BIN = join(import.meta.dirname, '../../packages/gateway/bin/steadygate');

/** What a test's gate starts with. Without `config` and arguments it is the demo. */
export interface GateOptions {
  /** YAML text, or a value that is written as JSON (which is YAML). */
  readonly config?: string | object;
  /** Further arguments of `start`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A data directory to go on with; it is then not removed at the end. */
  readonly dataDir?: string;
}

/** A gate in a process of its own, as its users start it. */
export interface RunningGate {
  /** Without a final slash. */
  readonly url: string;
  readonly port: number;
  readonly invite: string | null;
  readonly dataDir: string;
  readonly configFile: string | undefined;
  readonly pid: number;
  /** Every line on stdout so far: JSON. */
  readonly lines: readonly string[];
  /** All of stderr so far. */
  stderr(): string;
  /** Runs a command of the same program on the same data, and gives what it printed as JSON. */
  operator(...args: readonly string[]): Promise<Record<string, unknown>>;
  /** The same command as text, with its exit code. */
  cli(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to stop, waits, removes what it kept. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** `kill -9`; what it kept stays until `stop()`. */
  kill(): Promise<void>;
}

/** Starts a gate on a free port with a data directory of its own, and waits until it serves. */
export async function startGate(options: GateOptions = {}): Promise<RunningGate> {
  const folder = mkdtempSync(join(tmpdir(), 'sg-'));
  const dataDir = options.dataDir ?? join(folder, 'data');
  const configFile = writeConfig(folder, options.config);
  const child = spawn(BIN, startArguments(options, { dataDir, configFile }), {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const output = collect(child);
  const ready = await Promise.race([output.ready, exited.then(() => undefined)]);
  if (ready === undefined) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`The gate did not start:\n${output.lines.join('\n')}\n${output.stderr()}`);
  }
  const url = String(ready['url']).replace(/\/$/, '');
  const cli = (...args: readonly string[]) => run(args, { dataDir, folder, env: options.env });
  return {
    url,
    port: Number(new URL(url).port),
    invite: typeof ready['invite'] === 'string' ? ready['invite'] : null,
    dataDir,
    configFile,
    pid: child.pid ?? 0,
    lines: output.lines,
    stderr: output.stderr,
    cli,
    operator: async (...args) => {
      const { code, stdout, stderr } = await cli(...args, '--json');
      if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}: ${stdout}${stderr}`);
      return JSON.parse(stdout);
    },
    signal: (signal) => void child.kill(signal),
    stop: () => stop(child, exited, folder),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function writeConfig(folder: string, config: GateOptions['config']): string | undefined {
  if (config === undefined) return undefined;
  const file = join(folder, 'steadygate.yaml');
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, undefined, 2));
  return file;
}

function startArguments(
  { args = [] }: GateOptions,
  { dataDir, configFile }: { dataDir: string; configFile: string | undefined },
): string[] {
  const config = configFile === undefined ? [] : ['--config', configFile];
  return ['start', '--json', '--listen', '127.0.0.1:0', '--data', dataDir, ...config, ...args];
}

function collect(child: ChildProcess) {
  const lines: string[] = [];
  let errors = '';
  const { promise: ready, resolve } = Promise.withResolvers<Record<string, unknown>>();
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('{"event":"ready"')) resolve(JSON.parse(line));
    });
  }
  return { lines, ready, stderr: () => errors };
}

async function run(
  args: readonly string[],
  where: { dataDir: string; folder: string; env: GateOptions['env'] },
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, ...where.env };
  try {
    const all = [...args, '--data', where.dataDir];
    return { code: 0, ...(await promisify(execFile)(BIN, all, { cwd: where.folder, env })) };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error && 'stdout' in error && 'stderr' in error)) throw error;
    return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown[]>, folder: string): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await exited;
  rmSync(folder, { recursive: true, force: true });
  return child.exitCode;
}
