import { connect } from 'node:net';

/** Numbers in [0, 1) that a seed repeats (mulberry32): a failure can be run again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Chance = () => number;

const pick = <Item>(chance: Chance, items: readonly Item[]): Item => {
  const item = items[Math.floor(chance() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

const TARGETS = [
  '/',
  '/api/x',
  '/auth/login',
  '/auth/refresh',
  '/control/v1/users',
  '/console/',
  '/ws',
  '*',
  '//',
  '/%2e%2e/x',
  '/api/%00',
  '/api/..%2f',
  'http://a/b',
  '/auth/session?a=1&a=2',
  `/${'a'.repeat(9_000)}`,
  '/api/%c0%af',
  '/\\x',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'PRI', 'X', ''];
const FIELDS = [
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 5, 5',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer_Encoding: chunked',
  'TE: trailers',
  'Expect: 100-continue',
  'Expect: tea',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Connection: Upgrade, close',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: a, a, é',
  'Authorization: Bearer x.y.z',
  'Authorization: Bearer',
  'Cookie: token=a; token=b',
  'Cookie: ;;;==',
  'Host: b',
  'X-Forwarded-For: 1.2.3.4, \t',
  'Content-Type: application/json',
  'Content-Encoding: gzip',
  'Range: bytes=0-',
  `X-Long: ${'y'.repeat(20_000)}`,
  'X-Folded: a\r\n b',
  'Bad Name: x',
  ': nameless',
  'X-Nul: \0',
  'Origin: null',
];
const BODIES = [
  '',
  '{}',
  '{"inviteCode":"x"}',
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffffff\r\n',
  '0\r\nA: b\r\n\r\n',
  '[[[[[[',
  '\0\0\0',
];

function requestBytes(chance: Chance): string {
  const fields = Array.from({ length: Math.floor(chance() * 6) }, () => pick(chance, FIELDS));
  const host = chance() < 0.8 ? ['Host: 127.0.0.1'] : [];
  const version = chance() < 0.9 ? 'HTTP/1.1' : pick(chance, ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1', '']);
  const head = [`${pick(chance, METHODS)} ${pick(chance, TARGETS)} ${version}`, ...host, ...fields].join('\r\n');
  return `${head}\r\n\r\n${pick(chance, BODIES)}`;
}

function randomBytes(chance: Chance, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(Math.floor(chance() * 256))).join('');
}

/** What one connection sends: requests, requests with some bytes changed, or noise. */
export function hostileBytes(chance: Chance): string {
  const kind = chance();
  if (kind < 0.15) return randomBytes(chance, Math.floor(chance() * 400));
  const text = Array.from({ length: 1 + Math.floor(chance() * 3) }, () => requestBytes(chance)).join('');
  if (kind < 0.5) return text;
  const at = Math.floor(chance() * text.length);
  const cut = kind < 0.6 ? text.length : Math.floor(chance() * 4);
  return text.slice(0, at) + randomBytes(chance, Math.floor(chance() * 4)) + text.slice(at + cut);
}

/** Sends bytes, in pieces, and leaves at a moment of chance. Resolves when the connection is gone. */
export function assault(port: number, bytes: string, chance: Chance): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect({ port, host: '127.0.0.1' });
  const split = Math.floor(chance() * bytes.length);
  const leave = setTimeout(() => (chance() < 0.5 ? socket.resetAndDestroy() : socket.destroy()), 20 + chance() * 200);
  socket.on('error', () => undefined).resume();
  socket.once('connect', () => {
    socket.write(bytes.slice(0, split), 'latin1');
    setImmediate(() => void (socket.writable && socket.write(bytes.slice(split), 'latin1')));
  });
  socket.once('close', () => {
    clearTimeout(leave);
    resolve();
  });
  return promise;
}
