import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Clock ticks per second in /proc: fixed at 100 for programs, whatever the kernel's own rate. */
const TICK_MS = 10;
const START_MS = 30_000;

/** A process that is measured, with all that it starts. */
export interface Server {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** CPU time of the process and its descendants so far, in milliseconds. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** How a server is started. */
export interface ServerOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly port: number;
  /** Where its output goes: a file, as in production. */
  readonly log: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Which core serves, and which sends; undefined on a machine with one core. */
const CORES = availableParallelism() > 1 ? { server: '1', load: '0' } : undefined;

/** A command on the core of its side. */
export function pinned(side: 'server' | 'load', command: readonly string[]): readonly [string, ...string[]] {
  const [program = '', ...args] = command;
  return CORES === undefined ? [program, ...args] : ['taskset', '-c', CORES[side], program, ...args];
}

/** Starts a server and waits until its port answers. */
export async function startServer(options: ServerOptions, side: 'server' | 'load' = 'server'): Promise<Server> {
  const [program, ...args] = pinned(side, options.command);
  const out = openSync(options.log, 'a');
  const env = { ...process.env, ...options.env };
  const child = spawn(program, args, { stdio: ['ignore', out, out], cwd: options.cwd, env });
  closeSync(out);
  const pid = child.pid ?? 0;
  await listening(child, options);
  return {
    name: options.name,
    port: options.port,
    pid,
    cpuMs: () => cpuMsOf(pid),
    stop: () => stop(child),
  };
}

async function listening(child: ChildProcess, { port, name, log }: ServerOptions): Promise<void> {
  const endMs = Date.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > endMs) {
      throw new Error(`${name} did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    }
    await sleep(50);
  }
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  return promise.finally(() => clearTimeout(timer));
}

function cpuMsOf(pid: number): number {
  const own = fieldsOf(pid);
  // utime and stime, proc_pid_stat(5); the name before them was cut off.
  const ticks = Number(own[11]) + Number(own[12]);
  return ticks * TICK_MS + childrenOf(pid).reduce((sum, child) => sum + cpuMsOf(child), 0);
}

function fieldsOf(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Resident memory of a process, in megabytes. */
export function rssMb(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1024;
}

let nextPort = 21_300 + (process.pid % 500) * 8;

/** A port for a server of this run. */
export function freePort(): number {
  nextPort += 1;
  return nextPort;
}
