import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresPrograms } from './available.ts';
import { until } from './until.ts';
import { freePort } from './own-redis.ts';

/** A PostgreSQL of a test's own, which it may stop and start again on the same port. Its administrator is `postgres`. */
export interface OwnPostgres {
  readonly port: number;
  /** Where its socket lies. */
  readonly folder: string;
  start(): Promise<void>;
  /** As in a crash: nobody is told, and what was acknowledged stays. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Runs statements as its administrator, over its socket. */
  sql(text: string): Promise<void>;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

/** How the server is made. */
export interface OwnPostgresOptions {
  /** Lines of `pg_hba.conf`. Default: everybody from this machine. */
  readonly hba?: readonly string[];
  /** TLS with this certificate; the authority is who may have signed clients' certificates. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile?: string };
}

/** Makes a server on a free port; it does not run yet. */
export async function ownPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const bin = postgresPrograms();
  if (bin === undefined) throw new Error('no PostgreSQL server is installed');
  const as = unprivileged();
  // The system's usual place: a socket's path is short, and the other user may enter.
  const folder = mkdtempSync('/tmp/sg-pg-');
  chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  const initial = ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C'];
  execFileSync(join(bin, 'initdb'), initial, { ...as, cwd: folder, stdio: 'ignore' });
  const hba = options.hba ?? ['local all all trust', 'host all all 127.0.0.1/32 trust'];
  writeFileSync(join(data, 'pg_hba.conf'), `${hba.join('\n')}\n`);
  const args = ['-D', data, '-p', `${port}`, '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const settings = [...args, ...tlsSettings(options.tls, folder, as)];
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    port,
    folder,
    async start() {
      rmSync(join(data, 'postmaster.pid'), { force: true });
      child = spawn(join(bin, 'postgres'), settings, { ...as, cwd: folder, stdio: 'ignore' });
      const isReady = ['-h', folder, '-p', `${port}`, '-U', 'postgres', '-q'];
      await until('a PostgreSQL of our own', () => {
        try {
          execFileSync(join(bin, 'pg_isready'), isReady, { stdio: 'ignore' });
          return true;
        } catch {
          // Its exit code is how it says no.
          return undefined;
        }
      });
    },
    kill: () => end('SIGQUIT'),
    signal: (signal) => void child?.kill(signal),
    async sql(text) {
      const args = ['-h', folder, '-p', `${port}`, '-U', 'postgres', '-d', 'postgres', '-q', '-v', 'ON_ERROR_STOP=1'];
      await promisify(execFile)(join(bin, 'psql'), [...args, '-c', text]);
    },
    async remove() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid };
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function tlsSettings(
  tls: OwnPostgresOptions['tls'],
  folder: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): readonly string[] {
  if (tls === undefined) return [];
  const own = (file: string, name: string): string => {
    const path = join(folder, name);
    copyFileSync(file, path);
    chownSync(path, uid, gid);
    chmodSync(path, 0o600);
    return path;
  };
  const ca = tls.caFile === undefined ? [] : ['-c', `ssl_ca_file=${own(tls.caFile, 'ca.pem')}`];
  const files = [`ssl_cert_file=${own(tls.certFile, 'server.pem')}`, `ssl_key_file=${own(tls.keyFile, 'server.key')}`];
  return ['-c', 'ssl=on', ...files.flatMap((file) => ['-c', file]), ...ca];
}
