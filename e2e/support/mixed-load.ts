import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import type { RunningGate } from './gate.ts';
import { type Caller, signIn, signInMany } from './people.ts';

const LARGE_BYTES = 1024 * 1024;
/** Who forges tokens is blocked for a while. */
const REFUSED = [401, 403];
const UPLOAD_BYTES = 256 * 1024;

/** An application that answers, takes uploads, gives large files, streams events and echoes messages. */
export async function startMixedUpstream(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const large = Buffer.alloc(LARGE_BYTES, 'x');
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (request.url === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write('data: tick\n\n'), 20);
      response.once('close', () => clearInterval(timer));
      return;
    }
    request.resume().once('end', () => {
      const body = request.url === '/api/large' ? large : Buffer.from('{"ok":true}');
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    });
  });
  const sockets = new WebSocketServer({ server, path: '/ws', perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a TCP port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What of each kind was done. */
export type Done = Readonly<Record<string, number>>;

/** Uses a gate in every way at once, until the time is over: people, services, uploads, streams, sockets, strangers, leavers. */
export async function mixedLoad(gate: RunningGate, forMs: number): Promise<Done> {
  const endMs = Date.now() + forMs;
  const people = await signInMany(gate, 'member', 8);
  const { key } = await gate.operator('key', 'create', '--name', 'load', '--permissions', 'app:read,app:write');
  const { invite } = await gate.operator('invite', 'create', '--role', 'member', '--uses', '1000');
  const done: Record<string, number> = {};
  const hands = handsOf(gate, { people, key: String(key), invite: String(invite) });
  const work = async ([name, { act, pauseMs }]: [string, Hand]): Promise<void> => {
    for (let at = 0; Date.now() < endMs; at += 1) {
      await act(at);
      done[name] = (done[name] ?? 0) + 1;
      await sleep(pauseMs);
    }
  };
  await Promise.all(Object.entries(hands).flatMap((hand) => Array.from({ length: hand[1].count }, () => work(hand))));
  return done;
}

interface Hand {
  readonly count: number;
  readonly pauseMs: number;
  act(at: number): Promise<void>;
}

interface Credentials {
  readonly people: readonly Caller[];
  readonly key: string;
  readonly invite: string;
}

function handsOf(gate: RunningGate, { people, key, invite }: Credentials): Readonly<Record<string, Hand>> {
  const person = (at: number): string => `Bearer ${people[at % people.length]?.token ?? ''}`;
  const ask = async (path: string, statuses: readonly number[], init: RequestInit = {}): Promise<void> => {
    const answer = await fetch(`${gate.url}${path}`, init);
    const bytes = await answer.arrayBuffer();
    if (!statuses.includes(answer.status))
      throw new Error(`${path}: ${answer.status} ${Buffer.from(bytes).toString().slice(0, 300)}`);
  };
  const as = (authorization: string, more: RequestInit = {}): RequestInit => ({
    ...more,
    headers: { authorization, ...(more.body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  const json = JSON.stringify({ text: 'x'.repeat(2000) });
  const upload = Buffer.alloc(UPLOAD_BYTES, 'x');
  return {
    'reads of people': { count: 8, pauseMs: 10, act: (at) => ask(`/api/items/${at}?page=2`, [200], as(person(at))) },
    'reads of a service': {
      count: 4,
      pauseMs: 10,
      act: () => ask('/api/items', [200], { headers: { 'x-api-key': key } }),
    },
    writes: {
      count: 2,
      pauseMs: 20,
      act: (at) => ask('/api/items', [200], as(person(at), { method: 'POST', body: json })),
    },
    uploads: {
      count: 1,
      pauseMs: 50,
      act: (at) => ask('/api/files', [200], as(person(at), { method: 'PUT', body: upload })),
    },
    downloads: { count: 1, pauseMs: 50, act: (at) => ask('/api/large', [200], as(person(at))) },
    strangers: { count: 1, pauseMs: 20, act: () => ask('/api/items', REFUSED) },
    'forged tokens': { count: 1, pauseMs: 50, act: (at) => ask('/api/items', REFUSED, as(`Bearer ${forged(at)}`)) },
    'lost paths': { count: 1, pauseMs: 50, act: (at) => ask(`/nowhere/${at}`, [404]) },
    'malformed requests': { count: 1, pauseMs: 50, act: () => raw(gate.port, 'GET / HTTP/1.1\r\nHost : x\r\n\r\n') },
    leavers: { count: 2, pauseMs: 30, act: (at) => leave(`${gate.url}/api/large`, person(at), at % 20) },
    'event streams': { count: 2, pauseMs: 50, act: (at) => leave(`${gate.url}/api/events`, person(at), 100) },
    sockets: { count: 2, pauseMs: 50, act: (at) => chat(gate.port, person(at)) },
    'log-ins': { count: 1, pauseMs: 2000, act: () => signIn(gate, invite).then(() => undefined) },
  };
}

/** Well-formed and signed by nobody; another one each time. */
function forged(at: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'EdDSA', typ: 'at+jwt' })}.${part({ sub: 'nobody', jti: at })}.${'A'.repeat(86)}`;
}

async function raw(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  socket.on('error', () => undefined).resume();
  await once(socket, 'close');
}

async function leave(url: string, authorization: string, afterMs: number): Promise<void> {
  const controller = new AbortController();
  const answer = fetch(url, { headers: { authorization }, signal: controller.signal });
  // It was taken, or it was not: both happen, which is the point.
  const taken = answer.then((response) => response.arrayBuffer()).catch(() => undefined);
  await sleep(afterMs);
  controller.abort();
  await taken;
}

async function chat(port: number, authorization: string): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { authorization } });
  await once(socket, 'open');
  for (let at = 0; at < 20; at += 1) {
    socket.send('a message');
    await once(socket, 'message');
  }
  socket.close();
  await once(socket, 'close');
}
