import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { startTarget, type TargetProcess } from './support/target-process.ts';
import { fieldsOf, requestText, sendBytes, type WireAnswer } from './support/wire.ts';

/** Takes a whole request, and does with the connection as a test says. */
type Behaviour = (socket: Socket) => void;

let good: TargetProcess;
let bad: Server;
let behave: Behaviour = (socket) => socket.destroy();
let reached = 0;
let gate: RunningGate;
let badUrl = '';

beforeAll(async () => {
  good = await startTarget('good');
  bad = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      text = '';
      reached += 1;
      behave(socket);
    });
  });
  bad.listen(0, '127.0.0.1');
  await once(bad, 'listening');
  // Bound to a TCP port, so the address is one.
  badUrl = `http://127.0.0.1:${(bad.address() as AddressInfo).port}`;
  const permission = { read: 'app:read', write: 'app:write' };
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: {
        both: { targets: [{ url: badUrl }, { url: good.url }], ejection: 'off' },
        alone: { url: badUrl },
      },
      routes: [
        { path: '/both/**', upstream: 'both', access: 'public', limits: 'off' },
        { path: '/alone/**', upstream: 'alone', access: 'public', limits: 'off' },
        { path: '/closed/**', upstream: 'both', permission },
      ],
      limits: { timeouts: { headers: '400ms', bodyIdle: '400ms', connect: '400ms' } },
    },
  });
}, 60_000);
afterAll(async () => {
  await gate.stop();
  bad.close();
  await good.stop();
});
beforeEach(() => {
  reached = 0;
});

const ask = (method: string, path = '/both/x'): Promise<WireAnswer> =>
  sendBytes(gate.port, requestText(method, path, [], method === 'POST' ? '{}' : ''));

/** The same twice: each target gets one. */
const askBoth = async (method: string): Promise<readonly number[]> =>
  [await ask(method), await ask(method)].map(({ status }) => status).toSorted((one, other) => one - other);

const BEFORE_AN_ANSWER: readonly (readonly [string, Behaviour])[] = [
  ['resets', (socket) => socket.resetAndDestroy()],
  ['closes its half and says nothing', (socket) => void socket.end()],
  ['resets in its head', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-', () => socket.resetAndDestroy())],
  ['ends in its head', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/pl')],
  ['sends no HTTP', (socket) => void socket.end('220 mail.example.com ESMTP\r\n')],
  [
    'promises two lengths',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  ],
];

describe('a target that fails before its answer', () => {
  it.each(BEFORE_AN_ANSWER)('and %s is made up for by another one when it was a GET', async (_name, behaviour) => {
    behave = behaviour;
    expect(await askBoth('GET')).toEqual([200, 200]);
    expect(reached).toBeGreaterThan(0);
  });

  it.each(BEFORE_AN_ANSWER)(
    'and %s may have done what a POST asked: it is not sent again',
    async (_name, behaviour) => {
      behave = behaviour;
      expect(await askBoth('POST')).toEqual([200, 502]);
      expect(await askBoth('DELETE')).toEqual([200, 502]);
      expect(reached).toBe(2);
    },
  );

  it.each(BEFORE_AN_ANSWER)('and %s is 502 where there is no other', async (_name, behaviour) => {
    behave = behaviour;
    expect((await ask('GET', '/alone/x')).status).toBe(502);
  });

  it('and never answers is 504, and no other one is asked: the time is over', async () => {
    behave = () => undefined;
    expect(await askBoth('GET')).toEqual([200, 504]);
  });
});

const IN_ITS_ANSWER: readonly (readonly [string, Behaviour])[] = [
  [
    'resets in a body of known length',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.resetAndDestroy()),
  ],
  ['ends in a body of known length', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')],
  [
    'resets between chunks',
    (socket) =>
      void socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', () =>
        socket.resetAndDestroy(),
      ),
  ],
  ['ends in a chunk', (socket) => void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf')],
  [
    'resets where only the end of the connection would end it',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhalf', () => setTimeout(() => socket.resetAndDestroy(), 100)),
  ],
  ['stops for good', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')],
];

describe('a target that fails in its answer', () => {
  it.each(IN_ITS_ANSWER)('and %s never looks complete, and nothing is sent again', async (_name, behaviour) => {
    behave = behaviour;
    const answer = await ask('GET', '/alone/x');
    expect(answer.isClosed).toBe(true);
    expect(answer.text.endsWith('0\r\n\r\n')).toBe(false);
    if (answer.status === 200) expect(fieldsOf(answer, 'content-length')[0] ?? '100').toBe('100');
    else expect([502, 504]).toContain(answer.status);
    expect(reached).toBe(1);
    reached = 0;
    const texts = [await ask('GET'), await ask('GET')].filter(({ body }) => !body.includes('good'));
    expect([texts.length, reached]).toEqual([1, 1]);
  });
});
