import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** An application of `examples/` in a process of its own. */
export interface ExampleApp {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `examples/<name>/server.ts` on a free port. */
export async function startExampleApp(name: string): Promise<ExampleApp> {
  const { PORT: _, ...env } = process.env;
  const server = join(import.meta.dirname, '../../examples', name, 'server.ts');
  const child: ChildProcess = fork(server, { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [message] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${message.port}`,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
