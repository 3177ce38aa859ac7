import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningGate, startGate } from './support/gate.ts';
import { platformCaller } from './support/platform.ts';
import { startTarget, type TargetProcess } from './support/target-process.ts';
import { until } from './support/until.ts';

let a: TargetProcess;
let b: TargetProcess;
let gate: RunningGate;

beforeAll(async () => {
  [a, b] = await Promise.all([startTarget('a'), startTarget('b')]);
});
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
});
afterEach(async () => {
  await gate.stop();
});

function configOf(upstream: object): object {
  return {
    environment: 'development',
    listen: { host: '127.0.0.1', port: 0 },
    upstreams: { app: upstream },
    routes: [{ path: '/open/**', upstream: 'app', access: 'public', limits: 'off', websocket: true }],
    limits: { general: '100000/1m', timeouts: { bodyIdle: '30s' } },
  };
}

interface Got {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
  readonly name: string | undefined;
}

async function ask(path: string, init: RequestInit = {}): Promise<Got> {
  const answer = await fetch(`${gate.url}/open${path}`, init);
  const { code, name } = JSON.parse(await answer.text());
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), code, name };
}

let platform: { readonly authorization: string };

async function start(config: object): Promise<void> {
  gate = await startGate({ config });
  platform = await platformCaller(gate);
}

/** Without the cost of a command. */
async function listed() {
  const answer = await fetch(`${gate.url}/control/v1/upstreams`, { headers: platform });
  return JSON.parse(await answer.text()).upstreams[0];
}

const alerts = (kind: string): readonly string[] => gate.lines.filter((line) => line.includes(`"alert":"${kind}"`));

describe('a bound on what the upstream gets', () => {
  const config = () => configOf({ url: a.url, concurrency: { max: 2, queue: 1, wait: '1500ms' } });

  it('lets one wait in the queue, and refuses the next at once, with a time to come back', async () => {
    await start(config());
    const running = [ask('/slow?ms=700'), ask('/slow?ms=700')];
    await until('both run', async () => (await listed()).inFlight === 2 || undefined);
    const [waiting, refused] = [ask('/third'), ask('/fourth')];
    const first = await Promise.race([waiting, refused]);
    expect(first).toEqual({ status: 503, retryAfter: '2', code: 'upstream-busy', name: undefined });
    expect(
      (await Promise.all([...running, waiting, refused]))
        .map(({ status }) => status)
        .filter((status) => status === 200),
    ).toHaveLength(3);
    expect(await listed()).toMatchObject({ inFlight: 0, queued: 0, counts: { queueFull: 1, waitedTooLong: 0 } });
  });

  it('counts streams and sockets while they are open; who waits too long is refused, who leaves makes room', async () => {
    await start(config());
    const stream = await fetch(`${gate.url}/open/events`);
    const socket = new WebSocket(`${gate.url.replace('http', 'ws')}/open/ws`);
    await once(socket, 'message');
    expect((await listed()).inFlight).toBe(2);

    const leaving = new AbortController();
    const left = ask('/x', { signal: leaving.signal }).catch((error: unknown) => error);
    await until('it waits', async () => (await listed()).queued === 1 || undefined);
    leaving.abort();
    await until('it left the queue', async () => (await listed()).queued === 0 || undefined);
    await left;
    expect(await ask('/x')).toMatchObject({ status: 503, code: 'upstream-busy', retryAfter: '2' });
    expect((await listed()).counts).toMatchObject({ leftQueue: 1, waitedTooLong: 1, queueFull: 0 });

    const waiting = ask('/x');
    socket.close();
    expect((await waiting).status).toBe(200);
    await stream.body?.cancel();
    await until('nothing is left', async () => (await listed()).inFlight === 0 || undefined);
  });

  it('refuses a socket like any request', async () => {
    await start(configOf({ url: a.url, concurrency: { max: 1 } }));
    const stream = await fetch(`${gate.url}/open/events`);
    const socket = new WebSocket(`${gate.url.replace('http', 'ws')}/open/ws`);
    socket.on('error', () => undefined);
    const [, answer] = await once(socket, 'unexpected-response');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
    await stream.body?.cancel();
  });
});

describe('a breaker', () => {
  it('opens, refuses at once, lets its probes through, and closes', async () => {
    const breaker = { failures: 50, requests: 6, within: '10s', open: '1s', probes: 2 };
    await start(configOf({ url: a.url, breaker, failureStatuses: [503] }));
    for (let count = 0; count < 6; count += 1) await ask('/status?code=503');
    expect(await ask('/x')).toEqual({ status: 503, retryAfter: '1', code: 'upstream-unavailable', name: undefined });
    expect((await listed()).breaker).toBe('open');
    expect(alerts('upstream-down')).toHaveLength(1);
    await sleep(1_000);
    // A probe that fails opens it again, and tells nobody.
    expect((await ask('/status?code=503')).code).toBeUndefined();
    expect((await ask('/x')).code).toBe('upstream-unavailable');
    await sleep(1_000);
    const [first, second, third] = await Promise.all([ask('/slow?ms=300'), ask('/slow?ms=300'), ask('/slow?ms=300')]);
    expect([first, second, third].filter(({ status }) => status === 200)).toHaveLength(2);
    expect((await ask('/x')).status).toBe(200);
    expect(await listed()).toMatchObject({ breaker: 'closed', counts: { breakerOpened: 2 } });
    expect([alerts('upstream-down').length, alerts('upstream-up').length]).toEqual([1, 1]);
  });
});

describe('a reload that removes a target', () => {
  async function reload(config: object): Promise<void> {
    const before = gate.lines.length;
    writeFileSync(gate.configFile ?? '', JSON.stringify(config));
    await until('it was reloaded', () => gate.lines.slice(before).find((line) => line.includes('reloaded')));
  }

  it('lets a long stream run to its end, asks others only, and closes its connections then', async () => {
    await start(configOf({ targets: [{ url: a.url }, { url: b.url }] }));
    const streams = await Promise.all([0, 1].map(() => fetch(`${gate.url}/open/events?count=25`)));
    const whole = Promise.all(streams.map((stream) => stream.text()));
    const socket = new WebSocket(`${gate.url.replace('http', 'ws')}/open/ws`);
    const [name] = await once(socket, 'message');
    const closed = once(socket, 'close');
    await reload(configOf({ targets: [{ url: b.url }] }));
    expect((await listed()).targets).toMatchObject([
      { url: b.url, state: 'up' },
      { url: a.url, state: 'draining' },
    ]);
    const names = await Promise.all(Array.from({ length: 6 }, async () => (await ask('/x')).name));
    expect(new Set(names)).toEqual(new Set(['b']));
    // A socket would never end: its client is told to come back.
    expect([String(name), (await closed)[0]]).toEqual(['a', 1012]);

    const texts = await whole;
    expect(texts.map((text) => text.trim().split('\n\n').length)).toEqual([25, 25]);
    expect(texts.filter((text) => text.startsWith('data: a'))).toHaveLength(1);
    await until('it is gone', async () => (await listed()).targets.length === 1 || undefined);
    await until('its connections are closed', async () => (await a.connections()) === 0 || undefined);
    socket.terminate();
  });

  it('and takes it back keeps what is known of it', async () => {
    const both = configOf({ targets: [{ url: a.url }, { url: b.url }] });
    await start(both);
    for (let count = 0; count < 4; count += 1) await ask('/x');
    await reload(configOf({ targets: [{ url: a.url }, { url: b.url, weight: 9 }] }));
    expect((await listed()).targets).toMatchObject([
      { counts: { requests: 2 } },
      { weight: 9, counts: { requests: 2 } },
    ]);
    const names = await Promise.all(Array.from({ length: 20 }, async () => (await ask('/x')).name));
    expect(names.filter((name) => name === 'b')).toHaveLength(18);
  });
});
