import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { fieldsOf, requestText, sendBytes } from './support/wire.ts';

/** Every byte that reached the application, per connection. */
let received: string[] = [];
const sockets = new Set<Socket>();
let app: Server;
let gate: RunningGate;

beforeAll(async () => {
  app = createServer((socket) => {
    sockets.add(socket);
    const at = received.push('') - 1;
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      received[at] = (received[at] ?? '') + chunk;
      if (isWhole(received[at] ?? ''))
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  // Bound to a TCP port, so the address is one.
  const { port } = app.address() as AddressInfo;
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { app: { url: `http://127.0.0.1:${port}` } },
      routes: [{ path: '/**', upstream: 'app', access: 'public', limits: 'off', bodyMax: '64KiB' }],
      limits: { timeouts: { requestBody: '300ms' } },
    },
  });
}, 60_000);
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await gate.stop();
  for (const socket of sockets) socket.destroy();
  app.close();
});

/** A whole request by the one framing that the gate may use. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: (\d+)$/im.exec(text)?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return !/^transfer-encoding: chunked$/im.test(text) || text.endsWith('0\r\n\r\n');
}

const HOST = 'Host: 127.0.0.1:{port}\r\n';
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\n${HOST}${fields}\r\n\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';

const REFUSED: Readonly<Record<string, string>> = {
  'CL.TE': post('Content-Length: 6\r\nTransfer-Encoding: chunked', `0\r\n\r\n${HIDDEN}`),
  'TE.CL': post('Transfer-Encoding: chunked\r\nContent-Length: 4', `5c\r\n${HIDDEN}\r\n0\r\n\r\n`),
  'TE.TE, chunked twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'TE.TE, identity second': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'),
  'coding in another case': post('Transfer-Encoding: Chunked', '0\r\n\r\n'),
  'TE.TE, odd first': post('Transfer-Encoding: x\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'odd coding': post('Transfer-Encoding: xchunked', '0\r\n\r\n'),
  'coding with a parameter': post('Transfer-Encoding: chunked;x=1', '0\r\n\r\n'),
  'coding list': post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
  'chunked, chunked': post('Transfer-Encoding: chunked, chunked', '0\r\n\r\n'),
  'empty coding': post('Transfer-Encoding: ', ''),
  'quoted coding': post('Transfer-Encoding: "chunked"', '0\r\n\r\n'),
  'vertical tab before the coding': post('Transfer-Encoding: \x0bchunked', '0\r\n\r\n'),
  'coding in HTTP/1.0': `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  Transfer_Encoding: post('Transfer_Encoding: chunked\r\nContent-Length: 1', 'A'),
  HTTP_TRANSFER_ENCODING: post('HTTP_TRANSFER_ENCODING: chunked\r\nContent-Length: 1', 'A'),
  Content_Length: post('Content_Length: 5\r\nContent-Length: 1', 'A'),
  'Transfer.Encoding': post('Transfer.Encoding: chunked\r\nContent-Length: 1', 'A'),
  'space before the colon of a length': post('Content-Length : 1', 'A'),
  'space before the colon of a coding': post('Transfer-Encoding : chunked', '0\r\n\r\n'),
  'tab before the colon': post('Transfer-Encoding\t: chunked', '0\r\n\r\n'),
  'space in a name': post('X y: 1', ''),
  'empty name': post(': 1', ''),
  'no colon': post('Content-Length', ''),
  'NUL in a name': post('X\0y: 1', ''),
  'NUL in a value': post('X: a\0b', ''),
  'CR in a value': post('X: a\rContent-Length: 5', ''),
  'byte above ASCII in a name': post('Content-Length\xa0: 1', 'A'),
  'obs-fold': post('X: a\r\n Content-Length: 5', ''),
  'obs-fold with a tab': post('X: a\r\n\tb', ''),
  'folded coding': post('Transfer-Encoding:\r\n chunked', '0\r\n\r\n'),
  'folded first field': `GET / HTTP/1.1\r\n Host: x\r\n${HOST}\r\n`,
  'line feeds alone': 'GET / HTTP/1.1\nHost: 127.0.0.1:{port}\n\n',
  'line feed after a field': `GET / HTTP/1.1\r\n${HOST}X: a\nY: b\r\n\r\n`,
  'line feed after the request line': `GET / HTTP/1.1\n${HOST}\r\n`,
  'CR CR LF': `GET / HTTP/1.1\r\r\n${HOST}\r\n`,
  'two lengths': post('Content-Length: 1\r\nContent-Length: 2', 'AB'),
  'equal lengths': post('Content-Length: 1\r\nContent-Length: 1', 'A'),
  'length list': post('Content-Length: 1, 1', 'A'),
  'signed length': post('Content-Length: +5', 'ABCDE'),
  'negative length': post('Content-Length: -1', ''),
  'length with a fraction': post('Content-Length: 1.0', 'A'),
  'hexadecimal length': post('Content-Length: 0x1', 'A'),
  'length with an exponent': post('Content-Length: 1e1', 'A'),
  'length with a space inside': post('Content-Length: 1 1', 'A'),
  'empty length': post('Content-Length: ', 'A'),
  'length of many digits': post(`Content-Length: ${'9'.repeat(25)}`, 'A'),
  'two hosts': `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`,
  'two different hosts': `GET / HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`,
  'host list': 'GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}, evil.example\r\n\r\n',
  'no host': 'GET / HTTP/1.1\r\nX: y\r\n\r\n',
  'empty host': 'GET / HTTP/1.1\r\nHost:\r\n\r\n',
  'absolute target': `GET http://127.0.0.1:{port}/ HTTP/1.1\r\n${HOST}\r\n`,
  'absolute target elsewhere': `GET http://evil.example/ HTTP/1.1\r\n${HOST}\r\n`,
  'target of another scheme': `GET gopher://x/ HTTP/1.1\r\n${HOST}\r\n`,
  'target without slash': `GET x HTTP/1.1\r\n${HOST}\r\n`,
  'host in front of the path': `GET @evil.example/ HTTP/1.1\r\n${HOST}\r\n`,
  'authority in the path': `GET //evil.example/ HTTP/1.1\r\n${HOST}\r\n`,
  asterisk: `GET * HTTP/1.1\r\n${HOST}\r\n`,
  'asterisk of OPTIONS': `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  'space in the target': `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  'tab in the target': `GET /a\tb HTTP/1.1\r\n${HOST}\r\n`,
  fragment: `GET /a#b HTTP/1.1\r\n${HOST}\r\n`,
  'raw byte in the target': `GET /\xff HTTP/1.1\r\n${HOST}\r\n`,
  'quote in the query': `GET /?" HTTP/1.1\r\n${HOST}\r\n`,
  'HTTP/0.9': 'GET /\r\n\r\n',
  'HTTP/1.2': `GET / HTTP/1.2\r\n${HOST}\r\n`,
  'HTTP/2.0': `GET / HTTP/2.0\r\n${HOST}\r\n`,
  'http/1.1': `GET / http/1.1\r\n${HOST}\r\n`,
  'HTTP/01.1': `GET / HTTP/01.1\r\n${HOST}\r\n`,
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'method in lower case': `get / HTTP/1.1\r\n${HOST}\r\n`,
  'space before the method': ` GET / HTTP/1.1\r\n${HOST}\r\n`,
  'TLS to a plain port': '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  'h2c upgrade': `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`,
  'h2c beside websocket': `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n`,
  'upgrade with a body': post('Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 34', HIDDEN),
  'chunk size of letters': chunked('ZZ\r\nA\r\n0\r\n\r\n'),
  'chunk size with a sign': chunked('+1\r\nA\r\n0\r\n\r\n'),
  'negative chunk size': chunked('-1\r\nA\r\n0\r\n\r\n'),
  'chunk size with 0x': chunked('0x1\r\nA\r\n0\r\n\r\n'),
  'chunk size with a space before': chunked(' 1\r\nA\r\n0\r\n\r\n'),
  'chunk size with an underscore': chunked('1_0\r\nA\r\n0\r\n\r\n'),
  'chunk size that overflows': chunked('fffffffffffffffff\r\nA\r\n0\r\n\r\n'),
  'empty chunk size': chunked('\r\nA\r\n0\r\n\r\n'),
  'chunk ended by a line feed': chunked('1\nA\r\n0\r\n\r\n'),
  'chunk longer than its size': chunked('1\r\nAAAA\r\n0\r\n\r\n'),
  'flood of chunk extensions': chunked(`1;${'x'.repeat(20_000)}\r\nA\r\n0\r\n\r\n`),
  'line feed in a chunk extension': chunked('1;a\nb\r\nA\r\n0\r\n\r\n'),
};

describe('malformed requests: 400, the connection closes, the application sees nothing', () => {
  test.each(Object.entries(REFUSED))('%s', async (_name, bytes) => {
    const answer = await sendBytes(gate.port, bytes);
    expect(answer).toMatchObject({ status: 400, isClosed: true });
    expect(fieldsOf(answer, 'content-type')).toEqual(['application/problem+json']);
    expect(fieldsOf(answer, 'connection')).toEqual(['close']);
    expect(fieldsOf(answer, 'x-request-id')).toHaveLength(1);
    expect(fieldsOf(answer, 'x-content-type-options')).toEqual(['nosniff']);
    expect(fieldsOf(answer, 'content-security-policy')).toHaveLength(1);
    expect(answer.text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(received).toEqual([]);
  });

  test.each(Object.entries(REFUSED))('a second request after it is not served: %s', async (_name, bytes) => {
    const answer = await sendBytes(gate.port, `${bytes}GET /second HTTP/1.1\r\n${HOST}\r\n`);
    expect(answer.isClosed).toBe(true);
    expect(answer.text).not.toContain('200 OK');
    expect(received).toEqual([]);
  });

  test('CONNECT opens no tunnel', async () => {
    const answer = await sendBytes(gate.port, `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n${HIDDEN}`);
    expect(answer.isClosed).toBe(true);
    expect(answer.text).not.toContain('200 ');
    expect(received).toEqual([]);
  });

  test('bytes after a malformed chunk in the middle never become a request', async () => {
    await sendBytes(gate.port, chunked(`5\r\nhello\r\nXX\r\n${HIDDEN}`));
    for (const bytes of received) {
      expect(bytes).not.toContain('/hidden');
      expect(isWhole(bytes)).toBe(false);
    }
  });
});

describe('what is read is what is sent', () => {
  test.each<readonly [string, string, string]>([
    ['a length', post('Content-Length: 34', HIDDEN.slice(0, 34)), HIDDEN.slice(0, 34)],
    ['leading zeros or none', post('Content-Length: 2', 'ab'), 'ab'],
  ])('a body with %s is one body', async (_name, bytes, body) => {
    await sendBytes(gate.port, bytes.replace('POST / HTTP/1.1\r\n', 'POST / HTTP/1.1\r\nConnection: close\r\n'));
    expect(received).toHaveLength(1);
    expect(received[0]?.match(/^content-length:/gim)).toHaveLength(1);
    expect(received[0]?.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  test('chunks, extensions and trailers are written anew', async () => {
    const body = '3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n';
    const { status } = await sendBytes(gate.port, post('Connection: close\r\nTransfer-Encoding: chunked', body));
    expect(status).toBe(200);
    expect(received).toHaveLength(1);
    expect(received[0]).not.toMatch(/ext=1|x-trailer/i);
    expect(received[0]?.match(/^(?:transfer-encoding: chunked|content-length: 5)\r$/gim)).toHaveLength(1);
    expect(received[0]?.split('\r\n\r\n')[1]).toMatch(/^(?:abcde|[\da-f]+\r\na.*)/);
  });

  test('pipelined requests are two requests, answered in order', async () => {
    const both = `GET /first HTTP/1.1\r\n${HOST}\r\nGET /second HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
    const answer = await sendBytes(gate.port, both);
    expect(answer.text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(received.map((text) => text.split(' ')[1])).toEqual(['/first', '/second']);
  });
});

describe('an upgrade behind another request', () => {
  const handshake =
    `GET /ws HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  test.each([
    ['that still runs', `GET /first HTTP/1.1\r\n${HOST}\r\n`],
    ['that was refused', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
    ['with a body', post('Content-Length: 2', 'ab')],
  ])('%s stops nobody else', async (_name, first) => {
    const answer = await sendBytes(gate.port, first + handshake);
    expect(answer.isClosed).toBe(true);
    expect(answer.text).not.toContain('101 ');
    expect(received.join('')).not.toContain('/ws');
    expect((await sendBytes(gate.port, requestText('GET', '/after'))).status).toBe(200);
  });
});

describe('bounds of a request', () => {
  const closing = (status: number) => ({ status, isClosed: true });

  test.each<readonly [string, string, number]>([
    ['a field of 17 KiB', requestText('GET', '/', [`X: ${'a'.repeat(17_000)}`]), 431],
    [
      '16 KiB of fields',
      requestText(
        'GET',
        '/',
        Array.from({ length: 50 }, (_, at) => `X-${at}: ${'a'.repeat(330)}`),
      ),
      431,
    ],
    [
      '101 fields',
      requestText(
        'GET',
        '/',
        Array.from({ length: 101 }, (_, at) => `X-${at}: a`),
      ),
      431,
    ],
    [
      '2,000 empty fields',
      requestText(
        'GET',
        '/',
        Array.from({ length: 2000 }, () => 'X:'),
      ),
      431,
    ],
    ['a target of 9 KiB', requestText('GET', `/${'a'.repeat(9000)}`), 414],
    ['a query of 9 KiB', requestText('GET', `/?${'a'.repeat(9000)}`), 414],
    ['a declared body that is too large', post('Content-Length: 65537', ''), 413],
    ['a length beyond all numbers', post('Content-Length: 99999999999999', ''), 413],
    ['chunks that are too large', chunked(`${'4000\r\n'.concat('a'.repeat(0x4000), '\r\n').repeat(5)}`), 413],
    ['a body that stalls', post('Content-Length: 10', 'a'), 408],
    ['chunks that stall', chunked('5\r\nab'), 408],
    ['chunks that never begin', chunked(''), 408],
    ['a body that never begins', post('Content-Length: 10', ''), 408],
    ['a first chunk that is too large', chunked(`10001\r\n${'a'.repeat(0x10001)}\r\n`), 413],
    ['an unknown expectation', post('Expect: magic\r\nContent-Length: 0', ''), 417],
  ])('WK13: %s is %#', async (_name, bytes, status) => {
    const answer = await sendBytes(gate.port, bytes);
    expect(answer).toMatchObject(closing(status));
    expect(fieldsOf(answer, 'content-type')).toEqual(['application/problem+json']);
    for (const text of received) expect(isWhole(text)).toBe(false);
  });

  test('`Expect: 100-continue` is answered only when somebody wants the body', async () => {
    const fields = 'Connection: close\r\nExpect: 100-continue\r\nContent-Length: ';
    const good = await sendBytes(gate.port, post(`${fields}2`, 'ab'));
    expect(good.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    const refused = await sendBytes(gate.port, post(`${fields}65537`, ''));
    expect(refused.text).toMatch(/^HTTP\/1\.1 413 /);
  });
});
