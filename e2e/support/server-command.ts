import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server that was started by a command line, as its users start it. */
export interface ServerCommand {
  /** What it printed until it said how to stop it. */
  readonly banner: string;
  /** Where it listens, as its banner says. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a command that serves until it is stopped; resolves once its banner is complete. @throws with its output */
export async function startServerCommand(
  command: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<ServerCommand> {
  // `exec`: a signal reaches the program, not a shell around it.
  const child = spawn('sh', ['-c', `exec ${command}`], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let output = '';
  let errors = '';
  const { promise: served, resolve } = Promise.withResolvers<string>();
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('Stop with Ctrl+C.')) resolve(output);
  });
  const banner = await Promise.race([served, exited.then(() => undefined)]);
  const url = /(?:Listens on|Application) +(http:\S+?)\/\n/.exec(banner ?? '')?.[1];
  if (banner === undefined || url === undefined) throw new Error(`${command} did not serve:\n${output}\n${errors}`);
  return {
    banner: banner.slice(banner.indexOf('Steadygate ')),
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
