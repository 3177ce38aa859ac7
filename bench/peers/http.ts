import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Started, withServers } from './folder.ts';
import { startGate } from './gate.ts';
import { startProxy, startUpstream } from './nginx.ts';
import { freePort, type Server, startServer } from './proc.ts';
import { median, table } from './table.ts';
import { sharedStores } from './stores.ts';
import { type Load, type Measured, measure } from './wrk.ts';

const CONNECTIONS = 32;
const WARM_UP_S = 4;
const BASE = 'nginx';

/** How long and how often each is measured. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

interface Entry {
  readonly title: string;
  readonly server: Server;
  readonly path: string;
  readonly callers: Load['callers'];
}

/** Measures all side by side: each round asks every one of them, so that what the machine does else meets all alike. */
export function compareHttp({ rounds, seconds }: Effort, stores: readonly string[]): Promise<string> {
  return withServers(async (folder, started) => {
    const upstream = await started(startUpstream(folder));
    const entries = [
      plainEntry(BASE, await started(startProxy(folder, upstream.port))),
      ...(await fastifyEntries(folder, upstream.port, started)),
      ...(await gateEntries(folder, upstream.port, stores, started)),
    ];
    const ask = ({ server, path, callers }: Entry, forSeconds: number) =>
      measure(server, { path, callers, connections: CONNECTIONS, seconds: forSeconds, folder });
    for (const entry of entries) await ask(entry, WARM_UP_S);
    const seen = new Map<string, Measured[]>(entries.map(({ title }) => [title, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const entry of entries) seen.get(entry.title)?.push(await ask(entry, seconds));
    }
    return report(seen);
  });
}

function plainEntry(title: string, server: Server): Entry {
  return { title, server, path: '/plain/items?page=2', callers: [] };
}

async function fastifyEntries(folder: string, upstreamPort: number, started: Started): Promise<readonly Entry[]> {
  const keys = Array.from({ length: 16 }, () => randomBytes(32).toString('base64url'));
  const secret = randomBytes(32).toString('hex');
  const file = join(folder, 'credentials.json');
  writeFileSync(file, JSON.stringify({ keys, secret }), { mode: 0o600 });
  const start = (name: string, script: string, ...args: readonly string[]): Promise<Server> => {
    const port = freePort();
    const program = join(import.meta.dirname, 'servers', script);
    const command = [process.execPath, program, String(port), `http://127.0.0.1:${upstreamPort}`, ...args];
    return started(startServer({ name, command, port, log: join(folder, `${name}.log`) }));
  };
  const proxy = await start('http-proxy', 'http-proxy.mjs');
  const byKey = await start('fastify-key', 'fastify-stack.mjs', 'key', file);
  const byToken = await start('fastify-jwt', 'fastify-stack.mjs', 'jwt', file);
  const stack = { path: '/items?page=2' };
  return [
    plainEntry('@fastify/http-proxy', proxy),
    {
      title: 'Fastify stack, key',
      server: byKey,
      ...stack,
      callers: keys.map((key): [string, string] => ['X-API-Key', key]),
    },
    { title: 'Fastify stack, JWT', server: byToken, ...stack, callers: tokensOf(secret) },
  ];
}

function tokensOf(secret: string): Load['callers'] {
  // The peers' own signer, from where they are installed.
  const { createSigner } = createRequire(join(import.meta.dirname, 'package.json'))('fast-jwt') as {
    createSigner(options: { key: string; expiresIn: string }): (payload: object) => string;
  };
  const sign = createSigner({ key: secret, expiresIn: '1h' });
  return Array.from({ length: 16 }, (_, at) => [
    'Authorization',
    `Bearer ${sign({ sub: `user-${at}`, role: 'member' })}`,
  ]);
}

async function gateEntries(
  folder: string,
  upstreamPort: number,
  stores: readonly string[],
  started: Started,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const store of stores) {
    const place = { name: `gate-${store}`, folder, upstreamPort };
    const shared = store === 'shared' ? await started(sharedStores()) : undefined;
    const settings = shared === undefined ? place : { ...place, config: shared.settings, prepare: shared.prepare };
    const server = await started(startGate(settings));
    const title = (what: string): string => `Steadygate, ${what}${store === 'shared' ? ' (PostgreSQL, Redis)' : ''}`;
    entries.push(
      plainEntry(title('plain'), server),
      { title: title('key'), server, path: '/key/items?page=2', callers: await server.keys() },
      { title: title('session'), server, path: '/session/items?page=2', callers: await server.sessions() },
    );
  }
  return entries;
}

const COLUMNS = ['', 'requests/s', 'CPU µs', `of ${BASE}`, 'p50 ms', 'p99 ms'] as const;

function report(seen: ReadonlyMap<string, readonly Measured[]>): string {
  const base = seen.get(BASE) ?? [];
  const rows = [...seen].map(([title, all]) => {
    const of = (key: keyof Measured): number => median(all.map((one) => one[key]));
    // Ratios within a round: its disturbances met both.
    const ratio = median(all.map(({ cpuMicros }, at) => (base[at]?.cpuMicros ?? Number.NaN) / cpuMicros));
    const times = [of('cpuMicros').toFixed(1), ratio.toFixed(3), of('p50Ms').toFixed(2), of('p99Ms').toFixed(1)];
    return [title, of('perSecond').toFixed(0), ...times];
  });
  return table(COLUMNS, rows);
}
