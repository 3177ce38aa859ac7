import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const START_MS = 10_000;

/** The example application that runs when there is neither a configuration nor an upstream. */
export interface DemoUpstream {
  /** What the example's configuration wants in its environment. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): void;
}

/** Where the assistant example stands in a checkout, or undefined in an installation without examples. */
export function demoFolder(): string | undefined {
  const folder = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'assistant');
  return existsSync(join(folder, 'steadygate.yaml')) ? folder : undefined;
}

/** The demo's configuration, or undefined in an installation without examples. */
export function demoConfigFile(): string | undefined {
  const folder = demoFolder();
  return folder === undefined ? undefined : join(folder, 'steadygate.yaml');
}

/** Starts the assistant example on a free loopback port. It ends with this process, however that ends. */
export async function startDemoUpstream(folder: string, onExit: (code: number | null) => void): Promise<DemoUpstream> {
  const voiceKey = `voice_demo_${randomBytes(16).toString('hex')}`;
  const child = fork(join(folder, 'server.ts'), [], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ASSISTANT_VOICE_API_KEY: voiceKey },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const port = await portOf(child);
  let isStopping = false;
  child.once('exit', (code) => {
    if (!isStopping) onExit(code);
  });
  return {
    variables: { ASSISTANT_URL: `http://127.0.0.1:${port}`, ASSISTANT_VOICE_API_KEY: voiceKey },
    stop: () => {
      isStopping = true;
      if (child.connected) child.disconnect();
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The demo application did not start in time.')), START_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      const port = typeof message === 'object' && 'port' in message ? message.port : undefined;
      if (typeof port === 'number') resolve(port);
      else reject(new Error('The demo application did not say its port.'));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The demo application ended at its start (${code ?? 'by a signal'}).`));
    });
  });
}
