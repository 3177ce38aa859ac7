import { connect } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UpstreamPolicy } from '@steadygate/core';
import { afterEach, expect, test } from 'vitest';
import { type Rig, startRig, until } from '../../test/rig.ts';
import { PLAIN } from '../../test/rig-upstreams.ts';

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

/** Starts a gate whose upstream has these further targets, which come first. */
async function start(
  upstream: (request: IncomingMessage, response: ServerResponse) => void,
  policy: Partial<UpstreamPolicy>,
  more: { readonly dead?: boolean; readonly requestBodyMs?: number } = {},
): Promise<Rig> {
  const first = await startRig(upstream);
  const live = { url: `http://127.0.0.1:${first.upstreamPort}`, weight: 1 };
  const targets = more.dead === true ? [{ url: 'http://127.0.0.1:1', weight: 1 }, live] : [live];
  const timeouts = { requestBodyMs: more.requestBodyMs ?? 2000 };
  const second = await startRig(() => undefined, { timeouts, upstream: { targets, policy: { ...PLAIN, ...policy } } });
  rig = {
    ...second,
    close: async () => {
      await second.close();
      await first.close();
    },
  };
  return rig;
}

const received =
  (counts: number[]) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => {
      counts.push(bytes);
      response.end('{}');
    });
  };

const RETRY = { attempts: 1, share: 0.2, reserve: 10 };

/** A body in chunks of unknown number: nobody can have it whole before it is sent. */
function streamed(bytes: number): RequestInit & { duplex: 'half' } {
  const body = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < bytes; sent += 16_384) controller.enqueue(new Uint8Array(16_384));
      controller.close();
    },
  });
  return { method: 'POST', body, duplex: 'half' };
}

test('a streamed body arrives whole on the second target when the first was not there', async () => {
  const counts: number[] = [];
  const { url, pools } = await start(received(counts), { retry: RETRY }, { dead: true });
  const answers = await Promise.all([fetch(url, streamed(512 * 1024)), fetch(url, streamed(512 * 1024))]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(counts).toEqual([512 * 1024, 512 * 1024]);
  expect(pools.upstreams.views()[0]).toMatchObject({ inFlight: 0, counts: { retries: 1 } });
});

test('an upload that waits for a place is not held to be slow', async () => {
  const counts: number[] = [];
  const waiting: ServerResponse[] = [];
  const { url, pools } = await start(
    (request, response) => {
      if (request.url === '/first') waiting.push(response);
      else received(counts)(request, response);
    },
    { concurrency: { max: 1, queueMax: 1, waitMs: 5_000 } },
    { requestBodyMs: 250 },
  );
  const first = fetch(`${url}/first`);
  await until(() => waiting.length === 1);
  const upload = fetch(url, streamed(512 * 1024));
  await until(() => pools.upstreams.views()[0]?.queued === 1);
  // Longer than any body may stall: 250 ms, met within 500 ms.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  waiting[0]?.end('{}');
  expect([(await first).status, (await upload).status, counts]).toEqual([200, 200, [512 * 1024]]);
});

test('T13: callers that break off their uploads say nothing of the target', async () => {
  const { port, pools, records } = await start(() => undefined, {
    ejection: { failures: 1, forMs: 60_000, forMsMax: 60_000 },
    breaker: { failurePercent: 1, requestsMin: 1, withinMs: 1_000, openMs: 60_000, probes: 1 },
  });
  for (let count = 0; count < 3; count += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
    await until(() => pools.upstreams.views()[0]?.inFlight === 1);
    socket.resetAndDestroy();
    await until(() => records.length === count + 1 && pools.upstreams.views()[0]?.inFlight === 0);
  }
  expect(pools.upstreams.views()[0]).toMatchObject({ breaker: 'closed', targets: [{ counts: { failures: 0 } }] });
});
