import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningGate } from './support/gate.ts';
import { startGate } from './support/gate.ts';
import { runBin } from './support/run-bin.ts';
import type { SocketUpstream } from './support/socket-upstream.ts';
import { startSocketUpstream } from './support/socket-upstream.ts';
import { until } from './support/until.ts';

let upstream: SocketUpstream;
let waiting: ServerResponse[] = [];

beforeAll(async () => {
  upstream = await startSocketUpstream((incoming, response) => {
    if (incoming.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
    } else if (incoming.url === '/slow') waiting.push(response);
    else response.end('{}');
  });
});

afterAll(async () => {
  await upstream?.close();
});

describe('a stop', () => {
  let gate: RunningGate;

  async function start(drain: string): Promise<RunningGate> {
    waiting = [];
    gate = await startGate({
      config: {
        environment: 'development',
        upstreams: { app: { url: upstream.url } },
        routes: [
          { path: '/ws', upstream: 'app', access: 'public', websocket: true },
          { path: '/**', upstream: 'app', access: 'public' },
        ],
        limits: { timeouts: { drain } },
      },
    });
    return gate;
  }

  afterEach(async () => {
    await gate?.kill();
    await gate?.stop();
  });

  it('SB17: lets running requests finish, ends streams and sockets, takes nothing new, and exits with 0', async () => {
    const { url, port } = await start('20s');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const events = await fetch(`${url}/events`);
    const stream = events.text();
    const slow = fetch(`${url}/slow`);
    await until('the slow request', () => waiting[0]);

    const stopped = gate.stop();
    const [code] = await closed;
    expect(code).toBe(1012);
    expect(await stream).toBe('data: first\n\n');
    await until('the port is closed', () => isRefused(port));
    waiting[0]?.end('{"finished":true}');
    expect(await (await slow).json()).toEqual({ finished: true });
    expect(await stopped).toBe(0);
  });

  it('SB17: waits no longer than the drain limit for what does not finish', async () => {
    const { url } = await start('1s');
    const slow = fetch(`${url}/slow`).catch((error: unknown) => error);
    await until('the slow request', () => waiting[0]);
    expect(await gate.stop()).toBe(0);
    expect(await slow).toBeInstanceOf(TypeError);
  });

  it('ends at once at the second signal', async () => {
    const { url, port } = await start('1m');
    const slow = fetch(`${url}/slow`).catch((error: unknown) => error);
    await until('the slow request', () => waiting[0]);
    gate.signal('SIGINT');
    await until('the port is closed', () => isRefused(port));
    expect(await gate.stop()).toBe(1);
    expect(await slow).toBeInstanceOf(TypeError);
  });

  it('a second server on the same data, or the same port, says so and exits with 2', async () => {
    const { port, dataDir } = await start('1s');
    const used = await runBin(['start', '--upstream', upstream.url, '--listen', '127.0.0.1:0', '--data', dataDir]);
    expect(used).toEqual({ code: 2, output: expect.stringMatching(/in use by another Steadygate process/) });
    const other = await runBin([
      'start',
      '--upstream',
      upstream.url,
      '--listen',
      `127.0.0.1:${port}`,
      '--data',
      `${dataDir}-other`,
    ]);
    expect(other).toEqual({
      code: 2,
      output: expect.stringMatching(/Cannot listen on .*something else listens there/),
    });
    const answer = await fetch(`${gate.url}/x`);
    expect(answer.status).toBe(200);
  });
});

async function isRefused(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1');
  const code = await new Promise((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('error', (error) => resolve('code' in error ? error.code : ''));
  });
  socket.destroy();
  return code === 'ECONNREFUSED' ? true : undefined;
}
