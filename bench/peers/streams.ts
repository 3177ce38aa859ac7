import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withServers } from './folder.ts';
import { startGate } from './gate.ts';
import type { Effort } from './http.ts';
import { startProxy } from './nginx.ts';
import { freePort, pinned, type Server, startServer } from './proc.ts';
import { median, table } from './table.ts';

const OPENINGS = 300;

/** Event streams: until the first event. Sockets: echoed messages. Directly, through nginx, and through the gate. */
export function compareStreams({ rounds, seconds }: Effort): Promise<string> {
  return withServers(async (folder, started) => {
    const port = freePort();
    const script = join(import.meta.dirname, 'stream-upstream.ts');
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', script, String(port)];
    const log = join(folder, 'streams.log');
    const direct = await started(startServer({ name: 'directly', command, port, log }, 'load'));
    const gate = await started(startGate({ name: 'Steadygate', folder, upstreamPort: port, routes: ROUTES }));
    const servers = [direct, await started(startProxy(folder, port)), gate];
    for (const server of servers) {
      await echoes(server, 2);
      await firstEvents(server);
    }
    const seen = new Map<string, Seen>(servers.map(({ name }) => [name, { p50: [], p99: [], perSecond: [], cpu: [] }]));
    for (let round = 0; round < rounds; round += 1) {
      for (const server of servers)
        note(seen.get(server.name), await firstEvents(server), await echoes(server, seconds));
    }
    return report(seen);
  });
}

const ROUTES = [
  { path: '/events', access: 'public', limits: 'off' },
  { path: '/ws', access: 'public', limits: 'off', websocket: true },
];

interface Seen {
  readonly p50: number[];
  readonly p99: number[];
  readonly perSecond: number[];
  readonly cpu: number[];
}

function note(
  seen: Seen | undefined,
  times: readonly number[],
  echoed: { perSecond: number; cpuMicros: number },
): void {
  const sorted = times.toSorted((a, b) => a - b);
  seen?.p50.push(median(sorted));
  seen?.p99.push(sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN);
  seen?.perSecond.push(echoed.perSecond);
  seen?.cpu.push(echoed.cpuMicros);
}

function report(seen: ReadonlyMap<string, Seen>): string {
  const base = median(seen.get('directly')?.p50 ?? []);
  const rows = [...seen].map(([name, { p50, p99, perSecond, cpu }]) => {
    const first = [median(p50).toFixed(2), (median(p50) - base).toFixed(2), median(p99).toFixed(2)];
    // Of the application itself it says nothing: it does the echoing.
    return [name, ...first, median(perSecond).toFixed(0), name === 'directly' ? '' : median(cpu).toFixed(1)];
  });
  return table(['', 'first event, ms', 'added, ms', 'p99, ms', 'echoes/s', 'CPU µs per echo'], rows);
}

/** How long until the first event is there, in milliseconds: one stream after the other, on connections that stand. */
async function firstEvents(server: Server): Promise<readonly number[]> {
  const times: number[] = [];
  for (let at = 0; at < OPENINGS; at += 1) times.push(await firstEvent(server.port));
  return times;
}

async function firstEvent(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fromMs = performance.now();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.includes('data: hello')) resolve(performance.now() - fromMs);
  });
  socket.once('close', () => reject(new Error(`no event came:\n${text}`)));
  socket.write('GET /events HTTP/1.1\r\nHost: bench.example\r\nAccept: text/event-stream\r\n\r\n');
  return promise.finally(() => socket.destroy());
}

async function echoes(server: Server, seconds: number): Promise<{ perSecond: number; cpuMicros: number }> {
  const script = join(import.meta.dirname, 'socket-load.ts');
  const flags = ['--disable-warning=ExperimentalWarning', script, String(server.port), String(seconds)];
  const [program, ...args] = pinned('load', [process.execPath, ...flags]);
  const before = server.cpuMs();
  const { stdout } = await promisify(execFile)(program, args);
  const cpuMs = server.cpuMs() - before;
  return { perSecond: Number(stdout) / seconds, cpuMicros: (cpuMs * 1000) / Number(stdout) };
}
