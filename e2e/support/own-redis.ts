import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A Redis of a test's own, which it may stop, freeze and start again on the same port. */
export interface OwnRedis {
  readonly port: number;
  start(): Promise<void>;
  /** `kill -9`: what it held is gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Prepares a server on a free port; `options` are those of its command line. `--tls` stands for TLS on that port instead of plain text. */
export async function ownRedis(...options: readonly string[]): Promise<OwnRedis> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  return {
    port,
    async start() {
      const ports = options.includes('--tls') ? ['--port', '0', '--tls-port', `${port}`] : ['--port', `${port}`];
      const base = [...ports, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      child = spawn('redis-server', [...base, ...options.filter((option) => option !== '--tls')], {
        stdio: 'ignore',
        cwd: '/',
      });
      const gone = once(child, 'exit').then(() => false);
      while (!(await Promise.race([accepts(port), gone]))) if (child.exitCode !== null) throw new Error('no redis');
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    signal: (signal) => void child?.kill(signal),
  };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (isUp: boolean): void => {
      socket.destroy();
      setTimeout(resolve, isUp ? 0 : 20, isUp);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
