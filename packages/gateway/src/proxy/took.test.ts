import { createConnection } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { sendRaw } from '../../test/raw.ts';
import { startRig, until } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';

let rig: Rig | undefined;
let nowMs = 0;

afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

const OWN_MS = 3;
const UPSTREAM_MS = 50;

/** A gate that needs 3 ms to say who calls, in front of an application that needs 50 ms. */
async function start(options: RigOptions = {}): Promise<Rig> {
  nowMs = 1_000;
  const headersFor = () => {
    nowMs += OWN_MS;
    return ['x-steadygate-user', 'alice'];
  };
  rig = await startRig(
    (request, response) => {
      request.resume().once('end', () => {
        nowMs += UPSTREAM_MS;
        if (request.url === '/events') response.setHeader('content-type', 'text/event-stream');
        response.write('data: 1\n\n');
        if (request.url !== '/events') response.end();
      });
    },
    {
      routes: [{ path: '/**', access: 'session', permission: { read: 'app:read', write: 'app:write' } }],
      ...options,
      deps: { monotonicMs: () => nowMs, assertions: { headersFor } },
    },
  );
  return rig;
}

const HEAD = 'Host: a\r\nAuthorization: Bearer alice\r\n';

test('a request took what the gate added, and beside it what the upstream took', async () => {
  const { port, records } = await start();
  await sendRaw(port, `GET /things/7 HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`);
  await until(() => records.length === 1);
  expect(records[0]).toMatchObject({
    routePath: '/**',
    took: { totalMs: 53, addedMs: OWN_MS, upstream: 'app', upstreamMs: UPSTREAM_MS },
  });
});

test('what the client takes to send its body is not added by the gate', async () => {
  const { promise: isWaiting, resolve: waits } = Promise.withResolvers<void>();
  const { port, records } = await start({
    control: async (_incoming, response, { body }) => {
      const bytes = body.bytes();
      waits();
      await bytes;
      nowMs += 2;
      response.end();
    },
  });
  const socket = createConnection(port, '127.0.0.1');
  socket.resume();
  socket.write('POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{');
  await isWaiting;
  nowMs += 700;
  socket.write('}');
  await once(socket, 'close');
  await until(() => records.length === 1);
  expect(records[0]).toMatchObject({ status: 200, took: { totalMs: 702, addedMs: 2, upstream: undefined } });
});

test('an event stream took what passed until it was open', async () => {
  const { port, records } = await start();
  const socket = createConnection(port, '127.0.0.1');
  socket.write(`GET /events HTTP/1.1\r\n${HEAD}\r\n`);
  await once(socket, 'data');
  nowMs += 60_000;
  socket.destroy();
  await until(() => records.length === 1);
  expect(records[0]?.took).toMatchObject({ totalMs: 53, addedMs: OWN_MS, upstreamMs: UPSTREAM_MS });
});

test('a refused request has no upstream', async () => {
  const { port, records } = await start();
  await sendRaw(port, 'GET /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await until(() => records.length === 1);
  expect(records[0]?.took).toEqual({ totalMs: 0, addedMs: 0, upstream: undefined, upstreamMs: undefined });
});
