import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Started, withServers } from './folder.ts';
import { type BenchGate, prepareGate, startGate } from './gate.ts';
import type { Effort } from './http.ts';
import { startUpstream } from './nginx.ts';
import { rssMb } from './proc.ts';
import { median, table } from './table.ts';
import { type Load, type Measured, measure } from './wrk.ts';

const MANY_KEYS = 100_000;
const PERMISSION = { read: 'app:read', write: 'app:write' };

interface Variant {
  readonly title: string;
  readonly gate: BenchGate;
  readonly path: string;
  readonly callers: Load['callers'];
}

/** What a request costs when there are many routes, keys or limits, beside the same with few. */
export function compareScale({ rounds, seconds }: Effort): Promise<string> {
  return withServers(async (folder, started) => {
    const upstream = await started(startUpstream(folder));
    const place = { folder, upstreamPort: upstream.port, started };
    const variants = [...(await routeVariants(place)), ...(await limitVariants(place)), ...(await keyVariants(place))];
    const ask = ({ gate, path, callers }: Variant, forSeconds: number): Promise<Measured> =>
      measure(gate, { path, callers, connections: 32, seconds: forSeconds, folder });
    const before = new Map(variants.map(({ title, gate }) => [title, rssMb(gate.pid)]));
    // Long enough for each of the keys to have been used once.
    for (const variant of variants) await ask(variant, variant.callers.length > 1000 ? 15 : 4);
    const seen = new Map<string, Measured[]>(variants.map(({ title }) => [title, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const variant of variants) seen.get(variant.title)?.push(await ask(variant, seconds));
    }
    const rows = variants.map(({ title, gate }) => {
      const all = seen.get(title) ?? [];
      const cpu = median(all.map(({ cpuMicros }) => cpuMicros));
      const p99 = median(all.map(({ p99Ms }) => p99Ms));
      return [title, cpu.toFixed(1), p99.toFixed(1), (before.get(title) ?? 0).toFixed(0), rssMb(gate.pid).toFixed(0)];
    });
    return table(['', 'CPU µs', 'p99 ms', 'RSS MB, idle', 'RSS MB, after load'], rows);
  });
}

interface Place {
  readonly folder: string;
  readonly upstreamPort: number;
  readonly started: Started;
}

async function routeVariants({ folder, upstreamPort, started }: Place): Promise<readonly Variant[]> {
  const variants: Variant[] = [];
  for (const count of [10, 1000]) {
    const routes = Array.from({ length: count }, (_, at) => ({
      path: at % 2 === 0 ? `/api/r${at}/**` : `/api/r${at}/{id}/items/{item}`,
      access: 'public',
      limits: 'off',
    }));
    const gate = await started(startGate({ name: `routes-${count}`, folder, upstreamPort, routes }));
    const path = `/api/r${count - 1}/4711/items/12?page=2`;
    variants.push({ title: `${count} routes, public`, gate, path, callers: [] });
  }
  return variants;
}

async function limitVariants({ folder, upstreamPort, started }: Place): Promise<readonly Variant[]> {
  const rates = ['10000/s', '1000000/2m', '1000000/3m', '1000000/4m', '1000000/5m'];
  const limitsOf = (count: number): object[] => rates.slice(0, count).map((rate) => ({ per: 'principal', rate }));
  const variants: Variant[] = [];
  for (const count of [1, 5]) {
    const routes = [{ path: '/api/**', access: 'key', permission: PERMISSION, limits: limitsOf(count) }];
    const gate = await started(startGate({ name: `limits-${count}`, folder, upstreamPort, routes }));
    variants.push({
      title: `${count} limit${count > 1 ? 's' : ''}, key`,
      gate,
      path: '/api/x',
      callers: await gate.keys(),
    });
  }
  return variants;
}

async function keyVariants({ folder, upstreamPort, started }: Place): Promise<readonly Variant[]> {
  const variants: Variant[] = [];
  for (const count of [100, MANY_KEYS]) {
    const settings = { name: `keys-${count}`, folder, upstreamPort, dataDir: join(folder, `keys-${count}-data`) };
    mkdirSync(settings.dataDir, { mode: 0o700 });
    const { file } = prepareGate(settings);
    const script = join(import.meta.dirname, 'seed-keys.ts');
    const seeded = execFileSync(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', script, file, settings.dataDir, String(count)],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    // What the script prints.
    const keys = JSON.parse(seeded.toString()) as string[];
    const gate = await started(startGate(settings));
    const callers = keys.map((key): [string, string] => ['X-API-Key', key]);
    variants.push({ title: `${count} keys`, gate, path: '/key/x', callers });
  }
  return variants;
}
