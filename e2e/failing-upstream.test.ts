import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, NOBODY, signInMany } from './support/people.ts';
import {
  type Handler,
  plainAnswer,
  type RecordingUpstream,
  startRecordingUpstream,
} from './support/recording-upstream.ts';
import { fieldsOf, PORT, requestText, sendBytes, type WireAnswer } from './support/wire.ts';

let app: RecordingUpstream;
let gate: RunningGate;
let member: Caller = NOBODY;

beforeAll(async () => {
  app = await startRecordingUpstream();
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { app: { url: app.url }, gone: { url: 'http://127.0.0.1:9' } },
      roles: { member: { permissions: ['app:*'] } },
      routes: [
        { path: '/api/**', upstream: 'app', access: 'session', permission: 'app:read' },
        { path: '/gone/**', upstream: 'gone', access: 'public' },
      ],
      limits: { general: '100000/1m', timeouts: { headers: '400ms', bodyIdle: '400ms' } },
    },
  });
  [member = NOBODY] = await signInMany(gate, 'member', 1);
}, 60_000);
beforeEach(() => {
  app.forget();
  app.answerWith(plainAnswer);
});
afterAll(async () => {
  await gate.stop();
  await app.close();
});

const ask = (path: string): Promise<WireAnswer> => sendBytes(gate.port, requestText('GET', path));
const askApi = (lines: readonly string[] = [], method = 'GET'): Promise<WireAnswer> =>
  sendBytes(gate.port, requestText(method, '/api/x', [member.line, ...lines]));

describe('an application that fails', () => {
  test('that is down is 502, that is slow 504, and neither hangs', async () => {
    expect((await ask('/gone/x')).status).toBe(502);
    app.answerWith(() => undefined);
    expect((await askApi()).status).toBe(504);
    expect((await askApi([], 'POST')).status).toBe(504);
  });

  test('that closes without an answer is 502; a change is not sent twice', async () => {
    app.answerWith((_seen, response) => response.destroy());
    expect((await askApi([], 'POST')).status).toBe(502);
    expect(app.seen).toHaveLength(1);
    expect((await askApi()).status).toBe(502);
  });

  test.each<readonly [string, Handler]>([
    [
      'closes in the middle',
      (_seen, response) => response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy()),
    ],
    [
      'closes in the middle of chunks',
      (_seen, response) => response.writeHead(200).write('half', () => response.destroy()),
    ],
    [
      'stops in the middle',
      (_seen, response) => void response.writeHead(200, { 'content-length': '100' }).write('half'),
    ],
  ])('that %s never looks complete', async (_name, handler) => {
    app.answerWith(handler);
    const answer = await askApi();
    expect(answer.isClosed).toBe(true);
    expect(answer.text.endsWith('0\r\n\r\n')).toBe(false);
    if (answer.status === 200) expect(fieldsOf(answer, 'content-length')[0] ?? '100').toBe('100');
    else expect([502, 504]).toContain(answer.status);
  });

  test('that sends no HTTP is 502', async () => {
    for (const rubbish of [
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'rubbish\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX y: 1\r\n\r\n',
    ]) {
      app.answerWith((_seen, response) => response.socket?.end(rubbish));
      expect((await askApi([], 'POST')).status).toBe(502);
    }
  });

  test('interim answers and trailers end at the gate', async () => {
    app.answerWith((_seen, response) => {
      response.writeEarlyHints({ link: '</secret.css>; rel=preload' });
      response.writeProcessing();
      response.writeHead(200, { trailer: 'x-late' });
      response.write('ok');
      response.addTrailers({ 'x-late': 'forged' });
      response.end();
    });
    const answer = await askApi();
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/103|secret\.css|x-late|forged/);
  });

  test('HEAD, 204 and 304-like answers have no body', async () => {
    app.answerWith((_seen, response) => response.writeHead(200, { 'content-length': '5' }).end('hello'));
    expect((await askApi([], 'HEAD')).body).toBe('');
    app.answerWith((_seen, response) => response.writeHead(204).end());
    const empty = await askApi();
    expect([empty.status, empty.body]).toEqual([204, '']);
    expect(fieldsOf(empty, 'content-length')).toEqual([]);
  });

  test('a client that leaves is not worked for', async () => {
    const left = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    app.answerWith((_seen, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      response.once('close', () => left.resolve());
      began.resolve();
    });
    const controller = new AbortController();
    const open = fetch(`${gate.url}/api/x`, {
      headers: { authorization: `Bearer ${member.token}` },
      signal: controller.signal,
    });
    await began.promise;
    await open;
    controller.abort();
    await left.promise;
    expect(app.seen).toHaveLength(1);
  });
});

test("a log-in whose sender leaves in the middle is the sender's doing, not a bug", async () => {
  const fields = ['Content-Type: application/json', 'Expect: 100-continue', 'Content-Length: 100'];
  const socket = connect(gate.port, '127.0.0.1');
  socket.write(requestText('POST', '/auth/login', fields).replaceAll(PORT, String(gate.port)));
  // The gate asks for the body as it begins to read it.
  await once(socket, 'data');
  socket.resetAndDestroy();

  await expect.poll(() => gate.lines.some((line) => line.includes('"path":"/auth/login","status":499'))).toBe(true);
  expect((await ask('/health/live')).status).toBe(200);
  expect(gate.lines.filter((line) => line.includes('a bug in'))).toEqual([]);
});

test('WK10: none of this was a bug', () => {
  expect(gate.lines.filter((line) => line.includes('"code":"internal"'))).toEqual([]);
});
