import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { promtoolPath } from './promtool.ts';

/** A program that some tests need and a fresh machine may lack. */
interface Dependency {
  readonly name: 'Chromium' | 'PostgreSQL' | 'Redis' | 'promtool';
  readonly hint: string;
  isAvailable(): Promise<boolean>;
}

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const POSTGRES_VERSIONS = '/usr/lib/postgresql';

const PROBE_TIMEOUT_MS = 2_000;

/** The browser to drive: `STEADYGATE_TEST_CHROMIUM`, else the first usual place that has one. */
export function chromiumPath(): string | undefined {
  const named = process.env['STEADYGATE_TEST_CHROMIUM'];
  return (named === undefined ? BROWSERS : [named]).find(isExecutable);
}

/** The PostgreSQL to test against when it accepts connections: `STEADYGATE_TEST_POSTGRES_URL` or the local one. */
export async function postgresUrl(): Promise<string | undefined> {
  const url = process.env['STEADYGATE_TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  return (await accepts(url, 5432)) ? url : undefined;
}

/** The Redis to test against when it accepts connections: `STEADYGATE_TEST_REDIS_URL` or the local one. */
export async function redisUrl(): Promise<string | undefined> {
  const url = process.env['STEADYGATE_TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  return (await accepts(url, 6379)) ? url : undefined;
}

/** Whether tests can start a Redis of their own: `redis-server` is on the path. */
export function hasRedisServer(): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => isExecutable(join(folder, 'redis-server')));
}

/** Where the programs of a PostgreSQL server are, for tests that start one; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(POSTGRES_VERSIONS) ? readdirSync(POSTGRES_VERSIONS) : [];
  const newest = versions.toSorted((left, right) => Number(right) - Number(left))[0] ?? '';
  const folder = join(POSTGRES_VERSIONS, newest, 'bin');
  return isExecutable(join(folder, 'initdb')) ? folder : undefined;
}

const DEPENDENCIES: readonly Dependency[] = [
  {
    name: 'Chromium',
    hint: 'install chromium or set STEADYGATE_TEST_CHROMIUM',
    isAvailable: async () => chromiumPath() !== undefined,
  },
  {
    name: 'PostgreSQL',
    hint: 'install its server, and start it on 127.0.0.1:5432 or set STEADYGATE_TEST_POSTGRES_URL',
    isAvailable: async () => postgresPrograms() !== undefined && (await postgresUrl()) !== undefined,
  },
  {
    name: 'Redis',
    hint: 'install redis-server, and start it on 127.0.0.1:6379 or set STEADYGATE_TEST_REDIS_URL',
    isAvailable: async () => hasRedisServer() && (await redisUrl()) !== undefined,
  },
  {
    name: 'promtool',
    hint: 'install prometheus or set STEADYGATE_TEST_PROMTOOL',
    isAvailable: async () => promtoolPath() !== undefined,
  },
];

/** One line for each dependency that is missing, so that a skipped test is never silent. */
export async function missingDependencies(): Promise<readonly string[]> {
  const found = await Promise.all(DEPENDENCIES.map((dependency) => dependency.isAvailable()));
  return DEPENDENCIES.filter((_, at) => found[at] === false).map(
    ({ name, hint }) => `skipped: tests that need ${name} (${hint})`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // accessSync has no other way to say no.
    return false;
  }
}

function accepts(url: string, usualPort: number): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: port === '' ? usualPort : Number(port) });
    const settle = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
