import type { RoutePolicy } from '@steadygate/core';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { sendRaw } from '../../test/raw.ts';
import { CHAT, startRig, until } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';

const OPTIONS: RigOptions = {
  routes: [
    { path: '/ws', access: 'session', permission: { read: 'chats:read', write: 'chats:write' }, websocket: true },
    { path: '/api/**', access: 'session', permission: { read: 'chats:read', write: 'chats:write' } },
  ],
  ownership: [
    {
      events: [{ path: '/ws', id: '$.chatId' }],
      messages: [{ path: '/ws', type: '$.type', send: { say: 'chats:write', look: 'chats:read' }, id: '$.chatId' }],
      guards: ['/api/chats/{id}/**'],
    },
  ],
};

let rig: Rig;
let upstreams: WebSocket[];
let requests: IncomingMessage[];
let received: string[];
let clients: WebSocket[];

async function start(options: RigOptions = OPTIONS): Promise<void> {
  upstreams = [];
  requests = [];
  received = [];
  const server = createServer((_request, response) => response.end('plain'));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    upstreams.push(socket);
    requests.push(request);
    socket.on('message', (data: Buffer) => received.push(data.toString()));
    socket.on('error', () => undefined);
  });
  rig = await startRig(server, options);
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: string[];
  readonly closed: Promise<number>;
}

function connect(user: string, path = '/ws', protocols: string[] = []): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}${path}`, protocols, {
    headers: { authorization: `Bearer ${user}` },
  });
  clients.push(socket);
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  const closed = new Promise<number>((resolve) => void socket.on('close', resolve));
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ socket, messages, closed }));
    socket.once('error', reject);
  });
}

const message = (type: string, chatId: string, text = ''): string => JSON.stringify({ type, chatId, text });

beforeEach(async () => {
  clients = [];
  await start();
});
afterEach(async () => {
  for (const client of clients) client.terminate();
  for (const upstream of upstreams) upstream.terminate();
  await rig.close();
});

describe('SB11: opening', () => {
  test.each([
    ['without a credential', '/ws', {}, 401],
    ['of a route that opens none', '/api/chats/c-0001', { authorization: 'Bearer alice' }, 404],
    ['by a page of another origin', '/ws', { authorization: 'Bearer alice', origin: 'https://evil.example' }, 403],
    ['with two credentials', '/ws', { authorization: 'Bearer alice', cookie: 'token=alice' }, 400],
  ])('an upgrade %s is refused and the upstream not asked', async (_name, path, headers, status) => {
    const socket = new WebSocket(`ws://127.0.0.1:${rig.port}${path}`, { headers });
    clients.push(socket);
    const refused = await new Promise<IncomingMessage>((resolve, reject) => {
      socket.on('unexpected-response', (_request, answer) => resolve(answer));
      socket.on('error', reject);
    });
    expect(refused.statusCode).toBe(status);
    expect(refused.headers['x-request-id']).toMatch(/^r/);
    expect(requests).toEqual([]);
  });

  test('tells the upstream who calls, and hides how', async () => {
    await connect('alice', '/ws?x=1', ['chat.v1']);
    expect(requests[0]?.url).toBe('/ws?x=1');
    expect(requests[0]?.headers).toMatchObject({ 'x-steadygate-user': 'alice', 'sec-websocket-protocol': 'chat.v1' });
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
    expect(requests[0]?.headers).not.toHaveProperty('sec-websocket-extensions');
    expect(rig.records).toMatchObject([{ status: 101, path: '/ws' }]);
  });

  test('T7: a plain answer is withheld where only events are declared', async () => {
    const answer = await fetch(`${rig.url}/ws`, { headers: { authorization: 'Bearer alice' } });
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'answer-refused' }]);
  });

  test.each(['a\r\nSec-WebSocket-Protocol: a', 'a, ', 'a\r\nSec-WebSocket-Protocol: b c'])(
    'T7: a list of protocols that is malformed over all of its lines reaches no upstream: %j',
    async (protocols) => {
      const handshake = [
        'GET /ws HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\nConnection: Upgrade\r\nUpgrade: websocket',
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        `Sec-WebSocket-Protocol: ${protocols}`,
      ];
      const answer = await sendRaw(rig.port, `${handshake.join('\r\n')}\r\n\r\n`);
      expect([answer.status, answer.isClosed, requests.length]).toEqual([400, true, 0]);
    },
  );

  test('an upstream that refuses the upgrade is 502', async () => {
    await rig.close();
    rig = await startRig((_request, response) => response.writeHead(403).end('no'), OPTIONS);
    await expect(connect('alice')).rejects.toThrow('502');
  });
});

describe('T7: messages', () => {
  test('going up need a declared type, a permission and an own object', async () => {
    const { socket } = await connect('alice');
    socket.send(message('say', CHAT.bob, 'foreign'));
    socket.send(message('shout', CHAT.alice, 'undeclared'));
    socket.send('rubbish');
    socket.send(Buffer.from(message('say', CHAT.alice, 'binary')), { binary: true });
    socket.send(`{"type":"say","chatId":"${CHAT.alice}","chatId":"${CHAT.bob}"}`);
    socket.send(message('say', CHAT.alice, 'own'));
    await until(() => received.length === 1);
    expect(received.map((text) => JSON.parse(text))).toEqual([{ type: 'say', chatId: CHAT.alice, text: 'own' }]);
    expect(rig.plane.counts().messagesDropped.up).toBe(5);
  });

  test('a viewer may look and not say', async () => {
    const { socket } = await connect('alice.viewer');
    socket.send(message('say', CHAT.alice));
    socket.send(message('look', CHAT.alice));
    await until(() => received.length === 1);
    expect(received[0]).toContain('look');
  });

  test('T7: nothing goes up to isolated objects where no messages are declared', async () => {
    await rig.close();
    const unowned = { 'GET /ws': 'news for everybody' };
    await start({ routes: [{ path: '/ws', websocket: true }], ownership: [{ guards: ['/api/chats/{id}'], unowned }] });
    const { socket, messages } = await connect('alice');
    socket.send('hello');
    upstreams[0]?.send('down');
    await until(() => messages.length === 1 && rig.plane.counts().messagesDropped.up === 1);
    expect(received).toEqual([]);
  });

  test('where nothing is isolated, whatever a writer sends goes up, and nothing of a reader', async () => {
    await rig.close();
    const permission = { read: 'app:read', write: 'app:write' };
    await start({ routes: [{ path: '/ws', websocket: true, access: 'session', permission }], ownership: [] });
    const writer = await connect('alice');
    const reader = await connect('alice.viewer');
    reader.socket.send('from a reader');
    await until(() => rig.plane.counts().messagesDropped.up === 1);
    writer.socket.send('from a writer');
    await until(() => received.length === 1);
    expect(received).toEqual(['from a writer']);
  });

  test('coming down are only the own ones, in order', async () => {
    const { messages } = await connect('alice');
    for (let at = 0; at < 50; at += 1)
      upstreams[0]?.send(message('event', at % 2 === 0 ? CHAT.alice : CHAT.bob, String(at)));
    upstreams[0]?.send('rubbish');
    upstreams[0]?.send(message('event', CHAT.alice, 'last'));
    await until(() => messages.at(-1)?.includes('last') === true);
    expect(messages).toHaveLength(26);
    expect(messages.join('')).not.toContain(CHAT.bob);
  });

  test('over the limit are dropped', async () => {
    await rig.close();
    const limit = { per: 'principal', rate: { amount: 3, perMs: 60_000 }, text: '3/1m', config: 'x' } as const;
    await start({ ...OPTIONS, routes: [{ ...OPTIONS.routes?.[0], limits: [limit] }] });
    const { socket } = await connect('alice');
    for (let at = 0; at < 10; at += 1) socket.send(message('say', CHAT.alice, String(at)));
    await until(() => rig.plane.counts().messagesDropped.up === 7 && received.length >= 3);
    expect(received).toHaveLength(3);
  });

  test('larger than 1 MiB end the socket', async () => {
    const { socket, closed } = await connect('alice');
    socket.send(message('say', CHAT.alice, 'x'.repeat(1_100_000)));
    expect(await closed).toBe(1009);
    expect(received).toEqual([]);
  });

  test('a reader that stops reading stops the upstream', async () => {
    const { socket } = await connect('alice');
    socket.pause();
    const text = message('event', CHAT.alice, 'x'.repeat(100_000));
    const upstream = upstreams[0];
    for (let at = 0; at < 300; at += 1) upstream?.send(text);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // 30 MB were sent: most of it still waits at the upstream.
    expect(upstream?.bufferedAmount ?? 0).toBeGreaterThan(10_000_000);
    socket.resume();
    await until(() => upstream?.bufferedAmount === 0);
  });

  test('T8: secrets are scrubbed', async () => {
    await rig.close();
    await start({ ...OPTIONS, scrub: ['sk-voice-0123456789'] });
    const { messages } = await connect('alice');
    upstreams[0]?.send(message('event', CHAT.alice, 'sk-voice-0123456789'));
    await until(() => messages.length === 1);
    expect(messages[0]).not.toContain('sk-voice');
  });
});

describe('WK15, T7: messages are inspected as bodies are', () => {
  const WAF = { threshold: 5, classThresholds: {}, fields: [], exceptions: [], config: 'guards.waf' } as const;
  const ATTACK = "1' UNION SELECT name, password FROM users--";

  async function inspecting(guards: RoutePolicy['guards'], options: RigOptions = {}): Promise<Client> {
    await rig.close();
    const permission = { read: 'app:read', write: 'app:write' };
    const route = { path: '/ws', websocket: true, access: 'session', permission, guards } as const;
    await start({ routes: [route], ownership: [], ...options });
    return connect('alice');
  }

  const refusals = () => rig.records.filter(({ decision }) => decision.findings.length > 0);

  test.each<[string, (socket: WebSocket) => void, string]>([
    ['JSON', (socket) => socket.send(JSON.stringify({ a: [{ b: ATTACK }] })), 'body:$.a[0].b'],
    ['text', (socket) => socket.send(ATTACK), 'body'],
    ['JSON with a key twice', (socket) => socket.send(`{"a":1,"a":${JSON.stringify(ATTACK)}}`), 'body'],
    ['what of octets can be read', (socket) => socket.send(Buffer.from(`\x00\xff\x01${ATTACK}\x00`, 'latin1')), 'body'],
    [
      'fragments',
      (socket) => {
        socket.send(`{"a":"1' UNION SEL`, { fin: false });
        socket.send('', { fin: false });
        socket.send('ECT name, password FROM users--"}', { fin: true });
      },
      'body:$.a',
    ],
  ])('an attack in %s is dropped and recorded, and the socket stays', async (_name, send, field) => {
    const { socket } = await inspecting({ waf: { ...WAF, mode: 'enforce' } });
    send(socket);
    socket.send('{"name":"O\'Brien"}');
    await until(() => received.length === 1);
    expect(received).toEqual(['{"name":"O\'Brien"}']);
    expect(rig.plane.counts().messagesDropped.up).toBe(1);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(refusals()).toMatchObject([
      {
        path: '/ws',
        status: 101,
        routePath: '/ws',
        decision: {
          outcome: 'deny',
          principal: { userId: 'alice' },
          denial: { guard: 'waf', code: 'content-refused' },
          findings: [{ guard: 'waf', field }],
        },
      },
    ]);
  });

  test('each refusal has an id of its own', async () => {
    const { socket } = await inspecting({ waf: { ...WAF, mode: 'enforce' } });
    socket.send(ATTACK);
    socket.send(ATTACK);
    await until(() => refusals().length === 2);
    expect(new Set(rig.records.map(({ requestId }) => requestId)).size).toBe(3);
  });

  test('octets pass as they are, and so do exceptions; shadow only tells', async () => {
    const exceptions = [{ rule: '*', field: 'body:$.sql', reason: 'a console of SQL', config: 'x' }];
    const { socket } = await inspecting({ waf: { ...WAF, exceptions, mode: 'enforce' } });
    socket.send(Buffer.from([0, 255, 1, 254]));
    socket.send(JSON.stringify({ sql: ATTACK }));
    await until(() => received.length === 2);
    expect(refusals()).toEqual([]);
    const shadow = await inspecting({ waf: { ...WAF, mode: 'shadow' } });
    shadow.socket.send(ATTACK);
    await until(() => received.length === 1);
    expect(refusals()).toMatchObject([{ decision: { outcome: 'allow', findings: [{ guard: 'waf', shadow: true }] } }]);
  });

  test('what declared messages say is inspected, too', async () => {
    const { socket } = await inspecting(
      {},
      { ...OPTIONS, routes: [{ ...OPTIONS.routes?.[0], guards: { waf: { ...WAF, mode: 'enforce' } } }] },
    );
    socket.send(message('say', CHAT.alice, ATTACK));
    socket.send(message('say', CHAT.alice, 'hello'));
    await until(() => received.length === 1);
    expect(received[0]).toContain('hello');
    expect(refusals()).toMatchObject([{ decision: { findings: [{ field: 'body:$.text' }] } }]);
  });

  test('WK3: texts are held to their limits message by message', async () => {
    const limits = { charactersMax: 1000, urlsMax: 1, phonesMax: 1 };
    const text = { mode: 'enforce', limits, tenants: {}, fields: [], onExcess: 'violation', config: 'x' } as const;
    const { socket } = await inspecting({ text });
    socket.send('see https://a.example and https://b.example');
    socket.send('see https://a.example');
    await until(() => received.length === 1);
    expect(received).toEqual(['see https://a.example']);
    expect(refusals()).toMatchObject([{ decision: { denial: { guard: 'text' } } }]);
  });
});

test('T24: while messages wait for the store, no more of them are read', async () => {
  await rig.close();
  let arrived = 0;
  let asked = 0;
  const owners = {
    // The first is answered at once, the second never.
    ownerOf: () => ((asked += 1) === 1 ? Promise.resolve('alice') : new Promise<string>(() => undefined)),
    ownedOf: () => new Set<string>(),
  };
  await start({ ...OPTIONS, deps: { owners, onActivity: () => void (arrived += 1) } });
  const { socket } = await connect('alice');
  const text = message('say', CHAT.alice);
  for (let sent = 0; sent < 20_000; sent += 1) socket.send(text);
  await until(() => asked === 2);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const once = arrived;
  // One chunk of the system's, 64 KiB, and what it cut off.
  expect(once).toBeLessThan((64 * 1024) / text.length + 2);
});

describe('the end', () => {
  test('AU8: an ended session closes its sockets with 4001 and nothing passes any more', async () => {
    const alice = await connect('alice');
    const bob = await connect('bob');
    rig.plane.streams.closeSession('s-alice');
    upstreams[0]?.send(message('event', CHAT.alice, 'too late'));
    expect(await alice.closed).toBe(4001);
    expect(alice.messages).toEqual([]);
    await until(() => upstreams[0]?.readyState === WebSocket.CLOSED);
    expect(bob.socket.readyState).toBe(WebSocket.OPEN);
    const late = await connect('alice');
    expect(await late.closed).toBe(4001);
  });

  test('the upstream going is 1001, its breaking 1011, its own codes pass but 4001', async () => {
    for (const [sent, seen] of [
      [1000, 1000],
      [1001, 1001],
      [4400, 4400],
      [4001, 1011],
    ] as const) {
      const client = await connect('alice');
      upstreams.at(-1)?.close(sent);
      expect(await client.closed).toBe(seen);
    }
    const client = await connect('alice');
    upstreams.at(-1)?.terminate();
    expect(await client.closed).toBe(1011);
  });

  test('a client that leaves takes its upstream side along', async () => {
    const { socket } = await connect('alice');
    socket.terminate();
    await until(() => upstreams[0]?.readyState === WebSocket.CLOSED);
    expect(rig.plane.counts().sockets).toBe(0);
  });

  test('draining closes with 1012', async () => {
    const { closed } = await connect('alice');
    await rig.plane.drain();
    expect(await closed).toBe(1012);
  });
});

describe('T11: reloads', () => {
  test('1,000 sockets survive a reload that does not touch their route', async () => {
    const opened = await Promise.all(Array.from({ length: 1000 }, () => connect('alice')));
    await rig.reload({ routes: [...(OPTIONS.routes ?? []), { path: '/new', upstream: 'app' }] });
    expect(rig.plane.counts().sockets).toBe(1000);
    upstreams[999]?.send(message('event', CHAT.alice));
    await until(() => opened.some(({ messages }) => messages.length === 1));
  }, 30_000);

  test.each<readonly [string, RigOptions]>([
    ['the route is gone', { routes: OPTIONS.routes?.slice(1) ?? [] }],
    ['the route is denied', { routes: [{ path: '/ws', deny: true }] }],
    ['the role may no longer', { roles: { admin: ['*'], viewer: ['*:read'], member: ['app:*'] } }],
    ['the route opens no sockets', { routes: [{ ...OPTIONS.routes?.[0], websocket: false }], ownership: [] }],
    ['the upstream moved', { upstreamUrl: 'http://127.0.0.1:1' }],
  ])('a socket ends with 1012 when %s', async (_name, next) => {
    const { closed } = await connect('alice');
    await rig.reload(next);
    expect(await closed).toBe(1012);
  });

  test('what a role may send changes with the reload', async () => {
    const { socket } = await connect('alice');
    await rig.reload({ roles: { admin: ['*'], viewer: ['*:read'], member: ['chats:read'] } });
    socket.send(message('say', CHAT.alice));
    socket.send(message('look', CHAT.alice));
    await until(() => received.length === 1);
    expect(received[0]).toContain('look');
  });
});
