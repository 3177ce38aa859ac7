import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type RawConnection, type RawUpstream, startRawUpstream } from '../../../test/raw-upstream.ts';
import { until } from '../../../test/rig.ts';
import { send } from '../../../test/upstream-call.ts';
import type { UpstreamClient } from '../upstream-client.ts';
import { createHttpClient } from './http-client.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let upstream: RawUpstream;
let client: UpstreamClient;

afterEach(() => upstream.close());

/** Answers the request of that number on that connection; `undefined`: not at all. */
async function start(
  answer: (connection: RawConnection, number: number) => string | undefined | void,
  connectionsMax = 4,
): Promise<void> {
  upstream = await startRawUpstream((connection, number) => {
    const bytes = answer(connection, number);
    if (bytes !== undefined) connection.socket.write(bytes, 'latin1');
  });
  client = createHttpClient(upstream.url, { connectMs: 1000, connectionsMax });
}

const isClosed = (at: number) => until(() => upstream.connections[at]?.socket.closed === true);

describe('a connection', () => {
  test('serves one request after the other', async () => {
    await start(() => OK);
    for (let at = 0; at < 5; at += 1) expect(await send(client)).toMatchObject({ status: 200, body: 'ok' });
    expect(upstream.connections).toHaveLength(1);
  });

  test.each([
    ['that is told to close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['that is kept for no time', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 2\r\n\r\nok'],
    ['with bytes behind its answer', `${OK}${OK}`],
    ['with a byte behind its answer', `${OK}\r`],
    ['with a body behind its 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok'],
  ])('%s serves no other one', async (_name, bytes) => {
    await start(() => bytes);
    expect((await send(client)).problem).toBeUndefined();
    expect((await send(client)).problem).toBeUndefined();
    expect(upstream.connections).toHaveLength(2);
    await isClosed(0);
  });

  test('that speaks without being asked is closed, and nobody gets what it said', async () => {
    await start(({ number, socket }) => {
      if (number > 0) return OK;
      socket.write(OK);
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 30);
      return undefined;
    });
    await send(client);
    await isClosed(0);
    expect((await send(client)).body).toBe('ok');
    expect(upstream.connections).toHaveLength(2);
  });

  test('of whose HEAD a body follows serves no other one', async () => {
    await start(() => OK);
    expect(await send(client, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    await isClosed(0);
    expect((await send(client)).body).toBe('ok');
  });

  test('that ends its answer by closing is read to its end', async () => {
    await start(({ socket }) => void socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    expect(await send(client)).toMatchObject({ body: 'hello', problem: undefined });
  });

  test('that breaks with a reset is an error, though the answer would end as it closes', async () => {
    await start(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nhello');
      setTimeout(() => socket.resetAndDestroy(), 30);
    });
    expect(await send(client)).toMatchObject({ body: 'hello', problem: 'upstream-failed' });
  });
});

describe('an answer that cannot be read ends its connection', () => {
  test.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok'],
    ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['no head', 'a'.repeat(40_000)],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}`],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ])('%s', async (_name, bytes) => {
    await start(() => bytes);
    expect(await send(client)).toMatchObject({ status: undefined, problem: 'upstream-failed', reach: 'sent' });
    await isClosed(0);
  });

  test('in the middle of a body it does not look complete', async () => {
    await start(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n2 \r\nno\r\n0\r\n\r\n');
    expect(await send(client)).toMatchObject({ status: 200, problem: 'upstream-failed' });
    await isClosed(0);
  });
});

describe('a connection that the upstream closed while it was idle', () => {
  /** The first request is served; the second one meets a closed connection, and so on for each. */
  const stale = () =>
    start(({ socket, number }, request) => {
      if (request === 0) return OK;
      expect(number).toBe(0);
      socket.destroy();
      return undefined;
    });

  test('is replaced for a safe request', async () => {
    await stale();
    await send(client);
    expect(await send(client)).toMatchObject({ status: 200, body: 'ok' });
    expect(upstream.connections.map(({ text }) => text().split('GET / ').length - 1)).toEqual([2, 1]);
  });

  test('fails a request that may have had its effect', async () => {
    await stale();
    await send(client);
    expect(await send(client, { method: 'POST' })).toMatchObject({ problem: 'upstream-failed', reach: 'sent' });
    expect(upstream.connections).toHaveLength(1);
  });

  test('fails a safe request once a byte of an answer came', async () => {
    await start(({ socket }, request) => {
      if (request === 0) return OK;
      socket.end('H');
      return undefined;
    });
    await send(client);
    expect(await send(client)).toMatchObject({ problem: 'upstream-failed' });
    expect(upstream.connections).toHaveLength(1);
  });

  test('is tried once more, not for ever', async () => {
    let heads = 0;
    await start(({ socket }) => {
      heads += 1;
      if (heads === 1) return OK;
      socket.destroy();
      return undefined;
    });
    await send(client);
    expect(await send(client)).toMatchObject({ problem: 'upstream-failed' });
    expect(heads).toBe(3);
  });

  test('a new connection that closes fails at once', async () => {
    await start(({ socket }) => void socket.destroy());
    expect(await send(client)).toMatchObject({ problem: 'upstream-failed', reach: 'sent' });
    expect(upstream.connections).toHaveLength(1);
  });
});

describe('request bodies', () => {
  const post = (body: Uint8Array | Readable, headers: readonly string[] = []) => ({
    method: 'POST',
    headers: ['host', 'a', ...headers],
    body,
  });
  const sent = () => upstream.connections[0]?.text() ?? '';

  test('go up with their length in one piece, or in chunks', async () => {
    await start(() => OK);
    await send(client, post(Buffer.from('whole')));
    expect(sent()).toMatch(
      /^POST \/ HTTP\/1\.1\r\nhost: a\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nwhole$/,
    );
    await send(client, post(Buffer.alloc(100_000, 'x')));
    await until(() => sent().endsWith('x'.repeat(100_000)));
    await upstream.close();
    await start(() => undefined);
    const answered = send(
      client,
      post(Readable.from([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')], { objectMode: false })),
    );
    await until(() => sent().endsWith('0\r\n\r\n'));
    expect(sent()).toContain('\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n');
    upstream.connections[0]?.socket.write(OK);
    expect((await answered).status).toBe(200);
  });

  test('a method that has a body by nature says when there is none', async () => {
    await start(() => OK);
    await send(client, { method: 'POST' });
    expect(sent()).toContain('content-length: 0\r\n');
    await send(client, { method: 'DELETE' });
    expect(sent().split('content-length')).toHaveLength(2);
  });

  test('that are not as long as was declared never look complete', async () => {
    await start(() => undefined);
    const lengths = ['content-length', '3'];
    for (const text of ['ab', 'abcd']) {
      const stream = Readable.from([Buffer.from(text)], { objectMode: false });
      expect(await send(client, post(stream, lengths))).toMatchObject({ problem: 'upstream-failed', reach: 'sent' });
    }
    await isClosed(0);
    await isClosed(1);
    expect(upstream.connections.map(({ text }) => text().split('\r\n\r\n')[1] ?? '')).toEqual(['ab', '']);
    expect(await send(client, post(Buffer.from('ab'), lengths))).toMatchObject({
      problem: 'request-malformed',
      reach: 'unsent',
    });
  });

  test('that break off end the request and its connection', async () => {
    await start(() => undefined);
    const body = new Readable({ read: () => undefined });
    const answered = send(client, post(body, ['content-length', '10']));
    body.push('abc');
    await until(() => sent().endsWith('abc'));
    body.destroy(new Error('gone'));
    expect(await answered).toMatchObject({ problem: 'upstream-failed', reach: 'sent' });
    await isClosed(0);
  });

  test('that broke off before there was a connection reach nobody', async () => {
    await start(() => OK);
    const body = new Readable({ read: () => undefined });
    const answered = send(client, post(body, ['content-length', '10']));
    body.destroy();
    expect(await answered).toMatchObject({ problem: 'upstream-failed', reach: 'unsent' });
    await isClosed(0);
    expect(sent()).toBe('');
  });

  test('an answer before the end of the body is passed on, and its connection not used again', async () => {
    await start(() => 'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
    const body = new Readable({ read: () => undefined });
    body.push('abc');
    expect(await send(client, post(body, ['content-length', '10']))).toMatchObject({ status: 413, body: 'no' });
    await isClosed(0);
    expect(body.destroyed).toBe(true);
    await send(client);
    expect(upstream.connections).toHaveLength(2);
  });
});

describe('time', () => {
  test('an upstream that does not answer is late, an upload that moves is not', async () => {
    await start(() => undefined);
    const timeouts = { headersMs: 300 };
    expect(await send(client, { timeouts })).toMatchObject({ problem: 'upstream-timeout', reach: 'sent' });
    await isClosed(0);
    const body = new Readable({ read: () => undefined });
    const answered = send(client, { method: 'POST', headers: ['host', 'a', 'content-length', '4'], body, timeouts });
    for (const piece of 'abcd') {
      await sleep(300);
      body.push(piece);
    }
    body.push(null);
    await until(() => upstream.connections[1]?.text().endsWith('abcd') === true);
    expect(await answered).toMatchObject({ problem: 'upstream-timeout' });
  });

  test('interim answers do not push its end back', async () => {
    await start(({ socket }) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 100);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await send(client, { timeouts: { headersMs: 400 } })).toMatchObject({ problem: 'upstream-timeout' });
  });

  test('an answer that has begun may take its time', async () => {
    await start(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no');
      setTimeout(() => socket.write('k'), 900);
    });
    expect(await send(client, { timeouts: { headersMs: 200 } })).toMatchObject({ body: 'ok', problem: undefined });
  });

  test('an idle connection is let go before the upstream says it would', async () => {
    await start(() => 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2, max=5\r\nContent-Length: 2\r\n\r\nok');
    await send(client);
    const fromMs = Date.now();
    await isClosed(0);
    expect(Date.now() - fromMs).toBeLessThan(2000);
  });
});

describe('who leaves', () => {
  test('ends the connection, whenever it is', async () => {
    await start(() => 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    expect(await send(client, {}, { head: (call) => call().abort() })).toMatchObject({
      problem: 'upstream-failed',
      body: '',
    });
    expect(await send(client, {}, { data: (_, call) => call().abort() })).toMatchObject({
      problem: 'upstream-failed',
      body: 'abc',
    });
    await isClosed(0);
    await isClosed(1);
  });

  test('as the answer ends does not spoil the next request', async () => {
    await start(() => OK);
    await send(client, {}, { data: (_, call) => call().abort() });
    expect((await send(client)).body).toBe('ok');
    expect(upstream.connections).toHaveLength(2);
  });

  test('while it waits for a connection leaves the others in their order', async () => {
    const held: RawConnection[] = [];
    await start((connection) => void held.push(connection), 1);
    const first = send(client);
    const left = send(client, { target: '/left' }, {});
    const second = send(client, { target: '/second' });
    await until(() => held.length === 1);
    held[0]?.socket.write(OK);
    await first;
    void left;
    await until(() => held.length === 2);
    held[1]?.socket.write(OK);
    await left;
    await until(() => held.length === 3);
    held[2]?.socket.write(OK);
    expect((await second).body).toBe('ok');
    expect(upstream.connections).toHaveLength(1);
    expect(upstream.connections[0]?.text().match(/\/\w* HTTP/g)).toEqual(['/ HTTP', '/left HTTP', '/second HTTP']);
  });
});

describe('a reader that pauses', () => {
  test('stops the upstream, goes on where it was, and leaves the connection as it found it', async () => {
    const size = 30 * 1024 * 1024;
    await start(({ socket }, number) => {
      if (number > 0) return OK;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
      return undefined;
    });
    let taken = 0;
    let isPaused = false;
    const answered = send(
      client,
      {},
      {
        data: (chunk, call) => {
          taken += chunk.length;
          if (isPaused) return;
          isPaused = true;
          call().pause();
          setTimeout(() => {
            // What was on its way when it paused: one read.
            expect(taken).toBeLessThan(128 * 1024);
            expect(upstream.connections[0]?.socket.writableLength).toBeGreaterThan(10 * 1024 * 1024);
            call().resume();
          }, 200);
        },
      },
    );
    expect((await answered).problem).toBeUndefined();
    expect(taken).toBe(size);
    expect((await send(client)).body).toBe('ok');
    expect(upstream.connections).toHaveLength(1);
  });

  test('with the last piece does not stop whoever uses the connection next', async () => {
    await start(() => OK);
    await send(client, {}, { data: (_, call) => call().pause() });
    await send(client, {}, { head: (call) => call().pause(), data: () => undefined });
    expect((await send(client)).body).toBe('ok');
    expect(upstream.connections).toHaveLength(1);
  });
});

test('no more connections are opened than may be, and all are used', async () => {
  const held: RawConnection[] = [];
  await start((connection) => void held.push(connection), 2);
  const answers = Array.from({ length: 6 }, () => send(client));
  for (let at = 0; at < 6; at += 1) {
    await until(() => held.length > at);
    held[at]?.socket.write(OK);
  }
  expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(Array.from({ length: 6 }, () => 'ok'));
  expect(upstream.connections).toHaveLength(2);
});

test('closing lets what runs come to its end', async () => {
  await start(({ socket }) => void setTimeout(() => socket.write(OK), 100));
  const running = send(client);
  const closed = client.close();
  expect((await send(client)).problem).toBe('unavailable');
  expect((await running).body).toBe('ok');
  await closed;
  await isClosed(0);
});
