import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { UpstreamPolicy } from '@steadygate/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { listen, until } from '../../test/rig.ts';
import { PLAIN, poolOf, type RigUpstreams, rigUpstreams } from '../../test/rig-upstreams.ts';
import type { UpstreamPool } from './pool.ts';

const NOBODY = 'http://127.0.0.1:1';

let server: Server;
let url = '';
let hosts: (string | undefined)[] = [];
let rig: RigUpstreams;

beforeEach(async () => {
  hosts = [];
  server = createServer((_request, response) => response.writeHead(503).end());
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    hosts.push(request.headers.host);
    if (request.url === '/refused') socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
    else if (request.url !== '/never') sockets.handleUpgrade(request, socket, head, (open) => open.send('hello'));
  });
  url = `http://127.0.0.1:${await listen(server)}`;
  rig = rigUpstreams();
});
afterEach(() => {
  rig.upstreams.close();
  server.closeAllConnections();
  server.close();
});

function pool(policy: Partial<UpstreamPolicy>, urls: readonly string[] = [url]): UpstreamPool {
  return poolOf(rig.upstreams, {
    targets: urls.map((one) => ({ url: one, weight: 1 })),
    policy: { ...PLAIN, ...policy },
  });
}

const open = (from: UpstreamPool, target = '/', headersMs = 2_000) =>
  from.openSocket({
    target,
    headers: ['host', from.host],
    protocols: [],
    messageBytesMax: 1024,
    timeouts: { headersMs },
  });
const view = () => rig.upstreams.views()[0];
const RETRY = { attempts: 1, share: 0.2, reserve: 10 };
const EJECTION = { failures: 1, forMs: 60_000, forMsMax: 60_000 };

test('a socket counts as in flight until it closes, and nothing arrives before somebody listens', async () => {
  const one = pool({});
  const { socket, target } = await open(one).opened;
  expect([view()?.inFlight, target.inFlight]).toEqual([1, 1]);
  const message = once(socket, 'message');
  socket.resume();
  expect(String((await message)[0])).toBe('hello');
  socket.close();
  await once(socket, 'close');
  expect([view()?.inFlight, target.inFlight]).toEqual([0, 0]);
});

test('a socket goes to another target when the first is not there, with the host of that one', async () => {
  const both = pool({ retry: RETRY, ejection: EJECTION }, [NOBODY, url]);
  const { socket } = await open(both).opened;
  expect([`http://${hosts[0]}`, view()?.counts.retries]).toEqual([url, 1]);
  expect(view()?.targets.map(({ state, inFlight }) => [state, inFlight])).toEqual([
    ['ejected', 0],
    ['up', 1],
  ]);
  socket.terminate();
});

test('with nobody else it is 502, and leaves nothing behind', async () => {
  await expect(open(pool({ retry: RETRY }, [NOBODY])).opened).rejects.toMatchObject({ code: 'upstream-failed' });
  expect(view()).toMatchObject({ inFlight: 0, targets: [{ inFlight: 0, counts: { requests: 1, failures: 1 } }] });
});

test('an upgrade that is not answered is 504 and no other target is asked; one that is refused says what its status says', async () => {
  const both = pool({ retry: RETRY, failureStatuses: [503] }, [url, NOBODY]);
  await expect(open(both, '/never', 100).opened).rejects.toMatchObject({ code: 'upstream-timeout' });
  await expect(open(both, '/x').opened).resolves.toBeDefined();
  await expect(open(both, '/refused').opened).rejects.toMatchObject({ code: 'upstream-failed' });
  expect(view()?.targets[0]?.counts.failures).toBe(2);
  expect(view()?.inFlight).toBe(1);
});

test('a caller that leaves says nothing of the target, whether it waits or connects', async () => {
  const one = pool({ concurrency: { max: 1, queueMax: 1, waitMs: 5_000 }, ejection: EJECTION });
  const connecting = open(one, '/never');
  const waiting = open(one);
  expect(view()?.queued).toBe(1);
  waiting.abort();
  await expect(waiting.opened).rejects.toMatchObject({ code: 'upstream-failed' });
  expect(view()).toMatchObject({ inFlight: 1, queued: 0 });
  await until(() => hosts.length === 1);
  connecting.abort();
  await expect(connecting.opened).rejects.toMatchObject({ code: 'upstream-failed' });
  expect(view()).toMatchObject({ inFlight: 0, targets: [{ counts: { failures: 0 } }] });
});

test('a breaker counts handshakes, and is closed by them', async () => {
  const breaker = { failurePercent: 50, requestsMin: 2, withinMs: 10_000, openMs: 100, probes: 1 };
  const one = pool({ breaker, failureStatuses: [503] });
  await expect(open(one, '/refused').opened).rejects.toMatchObject({ code: 'upstream-failed' });
  await expect(open(one, '/refused').opened).rejects.toMatchObject({ code: 'upstream-failed' });
  await expect(open(one).opened).rejects.toMatchObject({ code: 'upstream-unavailable' });
  await until(() => Date.now() >= (one.state.breaker.kind === 'open' ? one.state.breaker.untilMs : 0));
  const { socket } = await open(one).opened;
  expect(view()?.breaker).toBe('closed');
  socket.terminate();
});
