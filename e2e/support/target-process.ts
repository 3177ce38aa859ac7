import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SERVER = join(import.meta.dirname, 'target-server.ts');

/** One process of an application; it can die, and come back where it was. */
export interface TargetProcess {
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  /** `kill -9`: its connections break. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** Open connections to it. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a process that answers with `name`. */
export async function startTarget(name: string): Promise<TargetProcess> {
  let child = start(name, 0);
  const port = await portOf(child);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    kill,
    stop: kill,
    async restart() {
      child = start(name, port);
      await portOf(child);
    },
    async connections() {
      const answer = once(child, 'message');
      child.send('connections');
      const [message] = await answer;
      return Number(message.connections);
    },
  };
}

function start(name: string, port: number): ChildProcess {
  const env = { ...process.env, TARGET_NAME: name, TARGET_PORT: String(port) };
  return fork(SERVER, { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function portOf(child: ChildProcess): Promise<number> {
  const [message] = await once(child, 'message');
  return Number(message.port);
}
