import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type Server, startServer } from './proc.ts';

/** The program as its users start it. */
export const BIN = join(import.meta.dirname, '../../packages/gateway/bin/steadygate');
const CALLERS = 16;

/** A gate as its users start it, with people and services that may call. */
export interface BenchGate extends Server {
  /** As many API keys, each as the header field that carries it. */
  keys(): Promise<readonly (readonly [string, string])[]>;
  /** As many sessions, as bearer tokens. */
  sessions(): Promise<readonly (readonly [string, string])[]>;
}

/** What a gate is started with. */
export interface GateSettings {
  readonly name: string;
  readonly folder: string;
  readonly upstreamPort: number;
  /** Further top-level settings. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Replaces the measured routes. */
  readonly routes?: readonly unknown[];
  /** A data directory that was prepared before. */
  readonly dataDir?: string;
  /** Called with the configuration file before the gate starts. */
  readonly prepare?: (configFile: string) => void;
  /** For Node, such as `--cpu-prof`. */
  readonly nodeOptions?: string;
}

const PERMISSION = { read: 'app:read', write: 'app:write' };

/** Guards of a session or key route are all on but inspection; nobody is meant to reach a limit. */
export const ROUTES = [
  { path: '/plain/**', access: 'public', limits: 'off' },
  { path: '/key/**', access: 'key', permission: PERMISSION },
  { path: '/session/**', access: 'session', permission: PERMISSION },
  { path: '/ws', access: 'public', limits: 'off', websocket: true },
];

/** A gate that can be started. */
export interface PreparedGate {
  readonly folder: string;
  readonly file: string;
  readonly dataDir: string;
  readonly port: number;
}

/** Writes the configuration and the key of a gate. A second time it finds them. */
export function prepareGate(settings: GateSettings): PreparedGate {
  const folder = join(settings.folder, settings.name);
  const file = join(folder, 'steadygate.yaml');
  const kek = join(folder, 'kek');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(kek)) writeFileSync(kek, randomBytes(32).toString('hex'), { mode: 0o600 });
  const port = freePort();
  writeFileSync(file, JSON.stringify(configOf(settings, { port, kek })));
  return { folder, file, dataDir: settings.dataDir ?? join(folder, 'data'), port };
}

/** Starts a gate in production mode, with a log file and with decisions. */
export async function startGate(settings: GateSettings): Promise<BenchGate> {
  const { name } = settings;
  const { folder, file, dataDir, port } = prepareGate(settings);
  settings.prepare?.(file);
  const command = [BIN, 'start', '--config', file, '--data', dataDir, '--json'];
  const env = settings.nodeOptions === undefined ? {} : { NODE_OPTIONS: settings.nodeOptions };
  const server = await startServer({ name, command, port, log: join(folder, 'gate.log'), cwd: folder, env });
  const operator = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(BIN, [...args, '--config', file, '--data', dataDir, '--json']);
    return JSON.parse(stdout);
  };
  return { ...server, keys: () => keysOf(operator), sessions: () => sessionsOf(operator, port) };
}

function configOf(settings: GateSettings, { port, kek }: { port: number; kek: string }): object {
  return {
    environment: 'production',
    listen: { host: '127.0.0.1', port },
    upstreams: { app: { url: `http://127.0.0.1:${settings.upstreamPort}` } },
    roles: { member: { permissions: ['app:*'], invitePrefix: 'SB-MEMBER-' } },
    routes: settings.routes ?? ROUTES,
    sessions: { accessTokenLife: '1h' },
    limits: { general: '10000/s', credentials: '10000/s' },
    keys: { defaultLimit: '10000/s' },
    secrets: { keyEncryptionKey: `\${file:${kek}}` },
    ...settings.config,
  };
}

type Operator = (...args: readonly string[]) => Promise<Record<string, unknown>>;

async function keysOf(operator: Operator): Promise<readonly (readonly [string, string])[]> {
  const keys: [string, string][] = [];
  for (let at = 0; at < CALLERS; at += 1) {
    const made = await operator('key', 'create', '--name', `bench-${at}`, '--permissions', 'app:read,app:write');
    keys.push(['X-API-Key', String(made['key'])]);
  }
  return keys;
}

async function sessionsOf(operator: Operator, port: number): Promise<readonly (readonly [string, string])[]> {
  const { invite } = await operator('invite', 'create', '--role', 'member', '--uses', String(CALLERS));
  return Promise.all(
    Array.from({ length: CALLERS }, async (): Promise<readonly [string, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inviteCode: invite, tokenDelivery: 'body' }),
      });
      if (response.status !== 200) throw new Error(`log-in: ${response.status} ${await response.text()}`);
      // The contract of the log-in operation.
      const { token } = (await response.json()) as { token: string };
      return ['Authorization', `Bearer ${token}`];
    }),
  );
}
