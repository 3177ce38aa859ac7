import { execFileSync } from 'node:child_process';
import { BIN } from './gate.ts';

/** Where PostgreSQL and Redis are: on this machine, and without a password, unless the environment says otherwise. */
const POSTGRES_SOCKET = process.env['BENCH_POSTGRES_SOCKET'] ?? '/run/postgresql';
const REDIS_URL = process.env['BENCH_REDIS_URL'] ?? 'redis://127.0.0.1:6379/0';

/** What a gate of many instances keeps its state in. `stop` removes it. */
export interface SharedStores {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Makes tables and rights, before the gate with this configuration starts. */
  prepare(configFile: string): void;
  stop(): Promise<void>;
}

/** A database, a role and a prefix of this run's own. */
export async function sharedStores(): Promise<SharedStores> {
  const name = `steadygate_bench_${process.pid}`;
  const at = (role: string): string => `postgres://${role}@${encodeURIComponent(POSTGRES_SOCKET)}/${name}`;
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, ['-h', POSTGRES_SOCKET, '-U', 'postgres', ...args]).toString();
  run('createdb', name);
  return {
    settings: {
      store: { kind: 'postgres', url: at(name) },
      counters: { kind: 'redis', url: REDIS_URL, prefix: `${name}:` },
    },
    prepare(configFile) {
      execFileSync(BIN, ['db', 'prepare', '--config', configFile, '--owner-url', at('postgres')], { stdio: 'ignore' });
    },
    async stop() {
      run('dropdb', '--force', name);
      const roles = run('psql', '-Atc', `SELECT rolname FROM pg_roles WHERE rolname LIKE '${name}%'`);
      for (const role of roles.split('\n').filter(Boolean)) run('dropuser', role);
    },
  };
}
