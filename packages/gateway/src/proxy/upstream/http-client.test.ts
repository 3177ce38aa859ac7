import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import type { ProblemError } from '@steadygate/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../../test/rig.ts';
import { createHttpClient } from './http-client.ts';
import type { Reach, UpstreamClient, UpstreamHandler, UpstreamRequest } from '../upstream-client.ts';

let server: Server;
let client: UpstreamClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url !== '/never') response.end('ok');
  });
  const port = await listen(server);
  client = createHttpClient(new URL(`http://127.0.0.1:${port}`), { connectMs: 500, connectionsMax: 1 });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const GOOD: UpstreamRequest = {
  method: 'GET',
  target: '/',
  headers: ['host', 'a'],
  body: undefined,
  timeouts: { headersMs: 500 },
};

/** The status, or the code of the problem. */
function outcome(request: UpstreamRequest, afterwards?: (abort: () => void) => void): Promise<number | string> {
  return new Promise((resolve) => {
    let status = 0;
    const call = client.dispatch(request, {
      onHead: (head) => (status = head.status),
      onData: () => undefined,
      onEnd: () => resolve(status),
      onError: (problem: ProblemError) => resolve(problem.code),
    });
    afterwards?.(() => call.abort());
  });
}

const BAD: Readonly<Record<string, Partial<UpstreamRequest>>> = {
  'an asterisk': { target: '*' },
  'another scheme': { target: 'gopher://x/' },
  'an absolute target': { target: 'http://other/' },
  'a space': { target: '/a b' },
  'an empty target': { target: '' },
  'a method with a space': { method: 'GE T' },
  CONNECT: { method: 'CONNECT' },
  'an empty method': { method: '' },
  'a line break in a value': { headers: ['x', 'a\r\nb: c'] },
  'a NUL in a value': { headers: ['x', 'a\0'] },
  'a snowman in a value': { headers: ['x', '\u2603'] },
  'an invalid name': { headers: ['x y', 'a'] },
  'an odd list': { headers: ['x'] },
  expect: { headers: ['expect', '100-continue'] },
  'transfer-encoding': { headers: ['transfer-encoding', 'chunked'] },
  upgrade: { headers: ['upgrade', 'h2c'] },
  'two hosts': { headers: ['host', 'a', 'host', 'b'] },
  'a length that is none': { headers: ['content-length', 'x'] },
};

describe('the pool of connections cannot be wedged from outside', () => {
  test.each(Object.entries(BAD))('%s is refused, and the next request is served', async (_name, part) => {
    expect(await outcome({ ...GOOD, ...part })).toBe('request-malformed');
    expect(await outcome(GOOD)).toBe(200);
  });

  test('aborted, late and abandoned requests leave the pool usable', async () => {
    const waiting = Array.from({ length: 5 }, () =>
      outcome({ ...GOOD, target: '/never' }, (abort) => setTimeout(abort, 20)),
    );
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => 'upstream-failed'));
    expect(await outcome(GOOD)).toBe(200);
    expect(await outcome({ ...GOOD, target: '/never' })).toBe('upstream-timeout');
    expect(await outcome(GOOD)).toBe(200);
  });

  test('a full pool lets nobody wait for ever', async () => {
    const long = { ...GOOD, target: '/never', timeouts: { headersMs: 3000 } };
    let release: (() => void) | undefined;
    const first = outcome(long, (abort) => (release = abort));
    expect(await outcome({ ...GOOD, timeouts: { headersMs: 100 } })).toBe('unavailable');
    release?.();
    expect(await first).toBe('upstream-failed');
    expect(await outcome(GOOD)).toBe(200);
  });

  test('a closed client refuses', async () => {
    const other = createHttpClient(new URL('http://127.0.0.1:1'), { connectMs: 100, connectionsMax: 1 });
    await other.close();
    const problem = await new Promise<ProblemError>((resolve) => {
      other.dispatch(GOOD, {
        onHead: () => undefined,
        onData: () => undefined,
        onEnd: () => undefined,
        onError: resolve,
      });
    });
    expect(problem.code).toBe('unavailable');
  });
});

describe('a failed request says whether anything was sent', () => {
  const reachOf = (sender: UpstreamClient, request: UpstreamRequest): Promise<Reach | number> =>
    new Promise((resolve) => {
      const handler: UpstreamHandler = {
        onHead: ({ status }) => resolve(status),
        onData: () => undefined,
        onEnd: () => undefined,
        onError: (_problem, reach) => resolve(reach),
      };
      sender.dispatch(request, handler);
    });

  test('nobody listens: nothing was, and the body is still whole', async () => {
    const nobody = createHttpClient(new URL('http://127.0.0.1:1'), { connectMs: 500, connectionsMax: 1 });
    const body = Readable.from([Buffer.from('ab')], { objectMode: false });
    const post = { ...GOOD, method: 'POST', headers: ['host', 'a', 'content-length', '2'], body };
    expect(await reachOf(nobody, post)).toBe('unsent');
    expect([body.readableDidRead, body.destroyed]).toEqual([false, false]);
    expect(await reachOf(client, post)).toBe(200);
  });

  test('no answer comes: it was', async () => {
    expect(await reachOf(client, { ...GOOD, target: '/never', timeouts: { headersMs: 50 } })).toBe('sent');
  });

  test('a request that cannot be sent was not', async () => {
    expect(await reachOf(client, { ...GOOD, target: '*' })).toBe('unsent');
  });
});
