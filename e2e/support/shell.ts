import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

const COMMANDS_MS = 30_000;

/** A shell that stays: variables, functions and the folder live from one command to the next. */
export interface Shell {
  /** Runs commands and resolves with what they wrote to stdout. Rejects when the last one fails, with stderr. */
  run(commands: string): Promise<string>;
  stop(): void;
}

/** Starts `sh` in a folder. */
export function startShell(options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Shell {
  const child = spawn('sh', [], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let changed: () => void = () => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    changed();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return {
    run: (commands) =>
      new Promise((resolve, reject) => {
        const mark = randomUUID();
        const end = new RegExp(`${mark} (\\d+)\\n$`);
        stdout = '';
        stderr = '';
        const tooLong = setTimeout(
          () => reject(new Error(`No end of: ${commands}\n${stdout}\n${stderr}`)),
          COMMANDS_MS,
        );
        changed = () => {
          const status = end.exec(stdout)?.[1];
          if (status === undefined) return;
          clearTimeout(tooLong);
          if (status === '0') resolve(stdout.replace(end, ''));
          else reject(new Error(`Exit code ${status} of: ${commands}\n${stdout.replace(end, '')}\n${stderr}`));
        };
        child.stdin.write(`${commands}\nprintf '%s %s\\n' ${mark} $?\n`);
      }),
    stop: () => void child.kill('SIGKILL'),
  };
}
