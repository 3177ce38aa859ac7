import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { DecisionRecord } from '@steadygate/core';
import { sendRaw } from '../../test/raw.ts';
import { PLAIN } from '../../test/rig-upstreams.ts';
import { startRig, until } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';
import type { AttemptTrace, InboundTrace, Tracer } from './tracing.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

let rig: Rig | undefined;
let told: Record<string, string | string[] | undefined>[] = [];

afterEach(async () => {
  await rig?.close();
  rig = undefined;
  told = [];
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig((request, response) => {
    told.push(request.headersDistinct);
    response.end('ok');
  }, options);
  return rig;
}

async function send(fields: readonly string[]): Promise<Record<string, string | string[] | undefined> | undefined> {
  const head = ['GET /things/7 HTTP/1.1', 'Host: a', 'Connection: close', ...fields].join('\r\n');
  await sendRaw(rig?.port ?? 0, `${head}\r\n\r\n`);
  await until(() => (rig?.records.length ?? 0) > 0);
  return told.at(-1);
}

describe('without a tracer', () => {
  test.each([
    [[`traceparent: ${PARENT}`, 'tracestate: a=1']],
    [[`Traceparent: ${PARENT}`, 'TraceState: a=1']],
    [[`Trace-Parent: ${PARENT}`]],
    [[`trace_parent: ${PARENT}`]],
    [[`HTTP_TRACEPARENT: ${PARENT}`]],
  ])('a client that is no listed proxy puts nothing into a trace: %j', async (fields) => {
    await start();
    const seen = await send([...fields, 'X-Forwarded-For: 127.0.0.1']);
    expect(Object.keys(seen ?? {}).filter((name) => name.includes('trace'))).toEqual([]);
    expect(rig?.records[0]).not.toHaveProperty('traceId');
  });

  test('a listed proxy’s context goes on as it is, and its id is recorded', async () => {
    await start({ trustedProxies: ['127.0.0.0/8'] });
    const seen = await send([`traceparent: ${PARENT}`, 'tracestate: a=1, b=2']);
    expect([seen?.['traceparent'], seen?.['tracestate']]).toEqual([[PARENT], ['a=1,b=2']]);
    expect(rig?.records[0]?.traceId).toBe(TRACE);
  });

  test.each([
    ['malformed', [`traceparent: ${PARENT}x`, 'tracestate: a=1']],
    ['there twice', [`traceparent: ${PARENT}`, `traceparent: ${PARENT}`]],
    ['of no trace', ['tracestate: a=1']],
    ['long', [`traceparent: 01${PARENT.slice(2)}-${'x'.repeat(1_000)}`]],
  ])('what is %s is dropped, and the request goes on', async (_what, fields) => {
    await start({ trustedProxies: ['127.0.0.0/8'] });
    const seen = await send(fields);
    expect(Object.keys(seen ?? {}).filter((name) => name.includes('trace'))).toEqual([]);
    expect(rig?.records[0]?.status).toBe(200);
  });

  test('a malformed state is dropped alone', async () => {
    await start({ trustedProxies: ['127.0.0.0/8'] });
    const seen = await send([`traceparent: ${PARENT}`, 'tracestate: A']);
    expect([seen?.['traceparent'], seen?.['tracestate']]).toEqual([[PARENT], undefined]);
  });
});

/** Follows what it is told. */
function tracerDouble() {
  const inbound: InboundTrace[] = [];
  const records: DecisionRecord[] = [];
  const attempts: { url: string; answered?: number; failure?: string | undefined; ended: number }[] = [];
  const attempt = (url: URL): AttemptTrace => {
    const seen: (typeof attempts)[number] = { url: url.origin, ended: 0 };
    attempts.push(seen);
    return {
      fields: ['traceparent', `attempt-${attempts.length}`],
      answered: (status) => {
        seen.answered = status;
      },
      end: (failure) => {
        seen.ended += 1;
        seen.failure = failure;
      },
    };
  };
  const tracer: Tracer = {
    begin(from) {
      inbound.push(from);
      return { traceId: 't-1', fields: ['tracestate', 'own=1'], attempt, end: (record) => void records.push(record) };
    },
  };
  return { tracer, inbound, records, attempts };
}

describe('with a tracer', () => {
  test('the upstream is told of the attempt, and nothing that the client says of a trace', async () => {
    const { tracer, inbound, records, attempts } = tracerDouble();
    await start({ deps: { tracer } });
    const seen = await send([`traceparent: ${PARENT}`, 'tracestate: a=1', 'Connection: traceparent']);
    expect([seen?.['traceparent'], seen?.['tracestate']]).toEqual([['attempt-1'], ['own=1']]);
    expect(inbound).toEqual([{ context: expect.objectContaining({ traceId: TRACE }), isTrusted: false }]);
    expect(attempts).toMatchObject([{ answered: 200, failure: undefined, ended: 1 }]);
    expect(records).toEqual([rig?.records[0]]);
    expect(records[0]?.traceId).toBe('t-1');
  });

  test('a listed proxy is believed', async () => {
    const { tracer, inbound } = tracerDouble();
    await start({ deps: { tracer }, trustedProxies: ['127.0.0.1'] });
    await send([`traceparent: ${PARENT}`]);
    expect(inbound).toMatchObject([{ context: { traceId: TRACE }, isTrusted: true }]);
  });

  test.each([
    ['GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['GET /things HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['PURGE /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ])('a refused request is followed, too: %j', async (bytes) => {
    const { tracer, inbound, records, attempts } = tracerDouble();
    const { port } = await start({ deps: { tracer } });
    await sendRaw(port, bytes);
    await until(() => records.length === 1);
    expect([inbound.length, attempts.length, told.length]).toEqual([1, 0, 0]);
  });

  test('each attempt at another target is followed by itself', async () => {
    const { tracer, records, attempts } = tracerDouble();
    const dead = createServer().listen(0, '127.0.0.1');
    await once(dead, 'listening');
    // Bound to a port.
    const deadUrl = `http://127.0.0.1:${(dead.address() as AddressInfo).port}`;
    dead.close();
    const alive = createServer((request, response) => {
      told.push(request.headersDistinct);
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(alive, 'listening');
    // Bound to a port.
    const aliveUrl = `http://127.0.0.1:${(alive.address() as AddressInfo).port}`;
    const policy = { ...PLAIN, retry: { attempts: 1, share: 1, reserve: 10 } };
    const targets = [deadUrl, aliveUrl].map((url) => ({ url, weight: 1 }));
    await start({ deps: { tracer }, upstream: { targets, policy } });
    await send([]);
    alive.close();
    await until(() => records.length === 1);
    expect(attempts).toMatchObject([
      { url: deadUrl, failure: 'upstream-failed', ended: 1 },
      { url: aliveUrl, answered: 200, failure: undefined, ended: 1 },
    ]);
    expect(told[0]?.['traceparent']).toEqual(['attempt-2']);
  });

  test('a socket’s handshake is followed until it is open', async () => {
    const { tracer, records, attempts } = tracerDouble();
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (_socket, request) => void told.push(request.headersDistinct));
    rig = await startRig(server, { routes: [{ websocket: true }], deps: { tracer } });
    const fields = [
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `traceparent: ${PARENT}`,
    ];
    await sendRaw(rig.port, `${fields.join('\r\n')}\r\n\r\n`, 300);
    await until(() => records.length === 1);
    expect(attempts).toMatchObject([{ answered: 101, failure: undefined, ended: 1 }]);
    expect([told[0]?.['traceparent'], told[0]?.['tracestate']]).toEqual([['attempt-1'], ['own=1']]);
    for (const socket of sockets.clients) socket.terminate();
  });
});
