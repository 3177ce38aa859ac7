import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ParsedExposition, parseExposition, valueOf } from '../packages/gateway/test/exposition.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { mixedLoad, startMixedUpstream } from './support/mixed-load.ts';

const LOAD_MS = Number(process.env['STEADYGATE_MEMORY_MINUTES'] ?? 10) * 60_000;
/** Caches fill, code is compiled and the heap finds its size. */
const WARM_UP_MS = Math.min(LOAD_MS / 3, 120_000);
const SAMPLE_MS = 1_000;
const WINDOWS = 5;
const LOOP_DELAY = 'steadygate_event_loop_delay_seconds';

it(
  'memory stays where it is under mixed load',
  async () => {
    const upstream = await startMixedUpstream();
    const permission = { read: 'app:read', write: 'app:write' };
    const gate = await startGate({
      config: {
        environment: 'development',
        upstreams: { app: { url: upstream.url } },
        roles: { member: { permissions: ['app:*'], invitePrefix: 'SB-MEMBER-' } },
        routes: [
          { path: '/ws', upstream: 'app', access: 'session', permission, websocket: true },
          { path: '/api/**', upstream: 'app', access: 'any', permission },
        ],
        sessions: { accessTokenLife: '1h' },
        limits: { general: '10000/s', credentials: '1000000/15m' },
        keys: { defaultLimit: '10000/s' },
      },
    });
    try {
      const samples: number[] = [];
      const delays: number[] = [];
      const startedMs = Date.now();
      const watch = setInterval(() => {
        if (Date.now() - startedMs > WARM_UP_MS) samples.push(residentMb(gate));
        forgetLines(gate);
      }, SAMPLE_MS);
      const listen = setInterval(() => void loopDelayMs(gate).then((ms) => delays.push(ms)), 30_000);
      const done = await mixedLoad(gate, LOAD_MS);
      clearInterval(watch);
      clearInterval(listen);
      delays.push(await loopDelayMs(gate));
      const means = windowsOf(samples);
      const told = { MB: means.map(Math.round), 'event loop delay, p99 ms': delays.map(Math.round), done };
      process.stdout.write(`${JSON.stringify(told)}\n`);
      const middle = means.toSorted((a, b) => a - b)[WINDOWS >> 1] ?? Number.NaN;
      expect(means.map((mean) => Math.abs(mean / middle - 1) < 0.1)).toEqual(means.map(() => true));
      expect(Object.keys(done)).toHaveLength(13);
    } finally {
      await gate.stop();
      await upstream.close();
    }
  },
  LOAD_MS + 300_000,
);

function residentMb({ pid }: RunningGate): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** The mean of each part of the time after the warm-up. */
function windowsOf(samples: readonly number[]): readonly number[] {
  const length = Math.floor(samples.length / WINDOWS);
  return Array.from({ length: WINDOWS }, (_, at) => {
    const part = samples.slice(at * length, (at + 1) * length);
    return part.reduce((sum, one) => sum + one, 0) / part.length;
  });
}

async function loopDelayMs(gate: RunningGate): Promise<number> {
  const shown: ParsedExposition = parseExposition((await gate.cli('metrics')).stdout);
  return (valueOf(shown, LOOP_DELAY, { percentile: 'p99' }) ?? Number.NaN) * 1000;
}

/** A line for each request: of ten minutes nobody could hold them all. */
function forgetLines({ lines }: RunningGate): void {
  // An array that is only told to be read.
  (lines as string[]).length = 0;
}
