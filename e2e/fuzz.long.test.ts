import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { assault, hostileBytes, seeded } from './support/fuzz.ts';
import { startGate } from './support/gate.ts';
import { startSocketUpstream } from './support/socket-upstream.ts';

const FUZZ_MS = Number(process.env['STEADYGATE_FUZZ_SECONDS'] ?? 60) * 1_000;
const HANDS = 16;
const MIB = 1024 * 1024;

it('WK15: no bytes on a connection crash the gate, hang it, or meet a bug', async () => {
  const seed = Number(process.env['STEADYGATE_FUZZ_SEED'] ?? Date.now() % 1_000_000);
  const upstream = await startSocketUpstream((incoming, response) => {
    incoming.resume().on('error', () => undefined);
    response.on('error', () => undefined).end('{"ok":true}');
  });
  const gate = await startGate({
    config: {
      environment: 'development',
      listen: { host: '127.0.0.1', port: 0, hosts: ['127.0.0.1', 'localhost'] },
      upstreams: { app: { url: upstream.url } },
      routes: [
        { path: '/ws', upstream: 'app', access: 'public', websocket: true },
        { path: '/**', upstream: 'app', access: 'public' },
      ],
      limits: {
        general: '1000000/15m',
        credentials: '1000000/15m',
        timeouts: { requestBody: '2s', requestHead: '2s' },
      },
    },
  });
  // Warnings about a configuration that is open on purpose.
  const atStart = gate.stderr();
  try {
    const endMs = Date.now() + FUZZ_MS;
    let sent = 0;
    const hand = async (of: number): Promise<void> => {
      const chance = seeded(seed + of);
      while (Date.now() < endMs) {
        await assault(gate.port, hostileBytes(chance), chance);
        sent += 1;
      }
    };
    let slowestMs = 0;
    const witness = async (): Promise<void> => {
      while (Date.now() < endMs) {
        const startedMs = Date.now();
        const answer = await fetch(`http://localhost:${gate.port}/api/x`, { signal: AbortSignal.timeout(10_000) });
        expect(`seed ${seed}: ${answer.status} ${await answer.text()}`).toBe(`seed ${seed}: 200 {"ok":true}`);
        slowestMs = Math.max(slowestMs, Date.now() - startedMs);
      }
    };
    await Promise.all([witness(), ...Array.from({ length: HANDS }, (_, of) => hand(of))]);
    expect(sent).toBeGreaterThan(FUZZ_MS / 100);
    const bugs = gate.lines.filter((line) => /"status":500|a bug in|unhandled/i.test(line));
    const stderr = gate.stderr().slice(atStart.length);
    expect({ seed, bugs: bugs.slice(0, 3), stderr }).toEqual({ seed, bugs: [], stderr: '' });
    expect(slowestMs).toBeLessThan(10_000);
    const resident = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${gate.pid}/status`, 'utf8'))?.[1]) * 1024;
    expect(resident).toBeLessThan(600 * MIB);
    expect(await gate.stop()).toBe(0);
  } finally {
    await gate.stop();
    await upstream.close();
  }
});
