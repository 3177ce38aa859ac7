import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGate } from './support/gate.ts';
import { startGate } from './support/gate.ts';
import { affordable } from './support/open-files.ts';
import type { SocketUpstream } from './support/socket-upstream.ts';
import { startSocketUpstream } from './support/socket-upstream.ts';
import { until } from './support/until.ts';

const SLOW = affordable(5_000);
const ADDRESSES = 100;
const FLOOD = affordable(3_000);
const MIB = 1024 * 1024;
/** Far more than a handful of requests take, far less than what slow clients are given. */
const PATIENCE_MS = 8_000;

let upstream: SocketUpstream;
let gate: RunningGate;
const opened: Socket[] = [];
const drips: NodeJS.Timeout[] = [];

beforeAll(async () => {
  const block = Buffer.alloc(MIB, 'x');
  upstream = await startSocketUpstream((incoming, response) => {
    if (incoming.url !== '/big') {
      incoming.resume().once('end', () => response.end('{}'));
      return;
    }
    let left = 64;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!response.write(block)) return;
      }
      response.end();
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  });
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { app: { url: upstream.url } },
      routes: [{ path: '/**', upstream: 'app', access: 'public' }],
      limits: { general: '1000000/15m', timeouts: { requestBody: '1s', requestHead: '5s', bodyIdle: '2s' } },
    },
  });
});

afterEach(() => {
  for (const drip of drips.splice(0)) clearInterval(drip);
  for (const socket of opened.splice(0)) socket.destroy();
});

afterAll(async () => {
  await gate?.stop();
  await upstream?.close();
});

/** A connection from a loopback address of the test's choice. */
function open(localAddress: string): Promise<Socket> {
  const socket = connect({ port: gate.port, host: '127.0.0.1', localAddress });
  opened.push(socket);
  const { promise, resolve } = Promise.withResolvers<Socket>();
  socket.on('error', () => resolve(socket));
  socket.once('connect', () => resolve(socket));
  return promise;
}

async function openMany(count: number, addressOf: (at: number) => string, first: string): Promise<readonly Socket[]> {
  const many: Socket[] = [];
  for (let at = 0; at < count; at += 250) {
    const batch = Array.from({ length: Math.min(250, count - at) }, (_, of) => open(addressOf(at + of)));
    for (const socket of await Promise.all(batch)) {
      if (first !== '') socket.write(first);
      many.push(socket);
    }
  }
  return many;
}

/** One whole request on a connection of its own. */
async function status(from: string, path = '/x'): Promise<number> {
  const socket = await open(from);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${gate.port}\r\nConnection: close\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await Promise.race([once(socket, 'close'), new Promise((resolve) => void setTimeout(resolve, PATIENCE_MS))]);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}

async function statuses(count: number, from: string): Promise<ReadonlySet<number>> {
  return new Set(await Promise.all(Array.from({ length: count }, () => status(from))));
}

/** Resident memory of the gate. */
function residentBytes(): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${gate.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

describe('WK15: a client that behaves is served', () => {
  it(`while ${SLOW} connections from ${ADDRESSES} addresses send their heads drop by drop`, async () => {
    const normal = (async () => {
      const seen = new Set<number>();
      for (let turn = 0; turn < 10; turn += 1) for (const one of await statuses(5, '127.0.1.1')) seen.add(one);
      return seen;
    })();
    const addressOf = (at: number): string => `127.0.0.${2 + (at % ADDRESSES)}`;
    const slow = await openMany(SLOW, addressOf, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('x');
    }, 500);
    drips.push(drip);
    expect(await statuses(20, '127.0.1.1')).toEqual(new Set([200]));
    expect(await statuses(5, '127.0.0.2')).toEqual(new Set([200]));
    expect(await normal).toEqual(new Set([200]));
  });

  it(`while one address opens ${FLOOD} connections, and on that address too`, async () => {
    const flood = await openMany(FLOOD, () => '127.0.0.9', '');
    expect(await statuses(20, '127.0.1.1')).toEqual(new Set([200]));
    expect(await statuses(20, '127.0.0.9')).toEqual(new Set([200]));
    await until('the flood has lost its place', () => {
      return flood.filter(({ readyState }) => readyState === 'open').length <= 300 ? true : undefined;
    });
  });
});

describe('WK15: a slow client', () => {
  it('that sends no whole head in time is told so, or dropped', async () => {
    const socket = await open('127.0.0.7');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  it('that trickles its body is answered 408, however long it goes on', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => open('127.0.0.8')));
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('x');
    }, 100);
    drips.push(drip);
    const answers = sockets.map(async (socket) => {
      socket.write(`POST /x HTTP/1.1\r\nHost: 127.0.0.1:${gate.port}\r\nContent-Length: 100000\r\n\r\n`);
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      // Who goes on writing to a connection that is closed may see it reset: after the answer.
      await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
      return text.slice(9, 12);
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['408']));
    expect(await statuses(5, '127.0.0.8')).toEqual(new Set([200]));
  });

  it('that does not read costs no memory to speak of, and is dropped', async () => {
    const before = residentBytes();
    const sockets = await Promise.all(Array.from({ length: 30 }, () => open('127.0.0.10')));
    const closed = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) {
      socket.pause().write(`GET /big HTTP/1.1\r\nHost: 127.0.0.1:${gate.port}\r\n\r\n`);
    }
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, residentBytes());
    }, 50);
    expect(await statuses(20, '127.0.1.1')).toEqual(new Set([200]));
    // Nobody hears of the end before reading what the kernel holds.
    await until('the gate gave them up', () => {
      const ended = gate.lines.filter((line) => line.includes('"path":"/big"')).length;
      return ended === sockets.length ? true : undefined;
    });
    for (const socket of sockets) socket.resume();
    await Promise.all(closed);
    clearInterval(watch);
    // Thirty answers of 64 MiB each.
    expect(peak - before).toBeLessThan(150 * MIB);
  });
});
