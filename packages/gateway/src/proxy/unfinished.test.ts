import { connect } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { openRaw } from '../../test/raw.ts';
import { CHAT, startRig, until } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';

const OPTIONS: RigOptions = {
  routes: [{ path: '/api/**', access: 'session', permission: { read: 'chats:read', write: 'chats:write' } }],
};
const ISOLATED: RigOptions = {
  ...OPTIONS,
  timeouts: { bodyIdleMs: 300 },
  ownership: [
    {
      creates: { 'POST /api/chats': '$.id' },
      guards: ['/api/chats/{id}/**'],
      lists: { 'GET /api/chats': ['$.chats[*].id'] },
    },
  ],
};

let rig: Rig;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

async function start(options: RigOptions): Promise<void> {
  rig = await startRig((request, response) => {
    request.resume().on('end', () => answer(request, response));
  }, options);
}
afterEach(() => rig.close());

function get(path: string): ReturnType<typeof openRaw> {
  const raw = openRaw(rig.port);
  raw.socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\n\r\n`);
  return raw;
}

function created(): Promise<Response> {
  const headers = { authorization: 'Bearer alice', 'content-type': 'application/json' };
  return fetch(`${rig.url}/api/chats`, { method: 'POST', headers, body: '{}', redirect: 'manual' });
}

describe('T11: an answer that goes on', () => {
  test.each(['application/x-ndjson', 'application/octet-stream'])(
    'T11: of type %s ends with the session that asked for it, and does not look complete',
    async (type) => {
      let hasLeft = false;
      answer = (_request, response) => {
        response.on('close', () => (hasLeft = true));
        response.writeHead(200, { 'content-type': type }).write('first\n');
      };
      await start(OPTIONS);
      const { socket, text } = get('/api/tokens');
      let isClosed = false;
      socket.on('close', () => (isClosed = true));
      await until(() => text().includes('first'));
      rig.plane.streams.closeSession('s-alice');
      await until(() => isClosed && hasLeft);
      expect(text()).not.toContain('\r\n0\r\n');
    },
  );

  test('T11: ends when a reload closes its route', async () => {
    answer = (_request, response) => void response.writeHead(200).write('first\n');
    await start(OPTIONS);
    const { socket, text } = get('/api/tokens');
    const closed = new Promise((resolve) => void socket.on('close', resolve));
    await until(() => text().includes('first'));
    await rig.reload({ routes: [{ path: '/other', access: 'public' }] });
    await closed;
    await until(() => rig.plane.counts().connections === 0);
    expect(text()).not.toContain('\r\n0\r\n');
  });

  test('comes to its end in a drain, and is no stream to metrics', async () => {
    let go: () => void = () => undefined;
    answer = (_request, response) => {
      response.writeHead(200).write('first\n');
      go = () => void response.end('last\n');
    };
    await start(OPTIONS);
    const { text } = get('/api/download');
    await until(() => text().includes('first'));
    expect(rig.plane.counts().streams).toBe(0);
    const drained = rig.plane.drain();
    go();
    await drained;
    expect(text()).toContain('last');
  });
});

test.each(['text/event-stream', 'application/x-ndjson'])(
  'T10: a stream of %s ends when its object gets another owner, others go on',
  async (type) => {
    answer = (_request, response) => void response.writeHead(200, { 'content-type': type }).write('data: 1\n\n');
    await start(ISOLATED);
    const path = `/api/chats/${CHAT.alice}/stream`;
    const { socket, text } = get(path);
    let isClosed = false;
    socket.on('close', () => (isClosed = true));
    await until(() => text().includes('data: 1'));
    const object = { tenantId: 'default', upstream: 'app', resource: 'chat', objectId: CHAT.alice };
    await rig.plane.streams.ownerChanged({ ...object, objectId: CHAT.bob });
    await rig.plane.streams.ownerChanged(object);
    expect(isClosed).toBe(false);
    rig.store.owners.set(`default/app/chat/${CHAT.alice}`, 'bob');
    await rig.plane.streams.ownerChanged({ ...object, tenantId: 'other' });
    await rig.plane.streams.ownerChanged(object);
    await until(() => isClosed || text().endsWith('0\r\n\r\n'));
    expect(text().match(/data/g)).toHaveLength(1);
    socket.destroy();
  },
);

test('T12: garbage behind a forwarded request does not rewrite its answer and record', async () => {
  let go: () => void = () => undefined;
  answer = (_request, response) => (go = () => void response.end('done'));
  await start(OPTIONS);
  const { socket, text } = get('/api/act');
  const closed = new Promise((resolve) => void socket.on('close', resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.write('GARBAGE\0\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.write('GET /api/more HTTP/1.1\r\nHost: a\r\n\r\n');
  go();
  await closed;
  expect(text()).toMatch(/^HTTP\/1\.1 200 [^]*connection: close[^]*done/i);
  expect(rig.records).toMatchObject([{ status: 200, path: '/api/act', decision: { outcome: 'allow' } }]);
});

describe('an answer that stands still', () => {
  test('T8: while it is held back is 504', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"chats":[');
    };
    await start(ISOLATED);
    const { text } = get('/api/chats');
    await until(() => text() !== '');
    expect(text()).toMatch(/^HTTP\/1\.1 504 /);
  });

  test('because nobody reads its end does not hold its connection', async () => {
    const list = JSON.stringify({ chats: [], rest: 'x'.repeat(1_000_000) });
    answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(list);
    await start(ISOLATED);
    const socket = connect(rig.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    // As many as fill the system's buffers.
    socket.write('GET /api/chats HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\n\r\n'.repeat(16));
    await until(() => rig.records.length > 0);
    await until(() => rig.plane.counts().connections === 0);
    expect(rig.records.at(-1)?.answerBytes).toBeGreaterThan(0);
    socket.destroy();
  });

  test('leaves a connection as it was once its end is read', async () => {
    answer = (_request, response) => void response.writeHead(200).end('x'.repeat(8_000_000));
    await start({ ...OPTIONS, timeouts: { bodyIdleMs: 300 } });
    const raw = get('/api/large');
    await until(() => raw.text().length > 8_000_000);
    await new Promise((resolve) => setTimeout(resolve, 900));
    raw.socket.write('GET /api/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await until(() => raw.text().includes('HTTP/1.1 401'));
    expect(rig.records).toHaveLength(2);
  });
});

describe('T4: what was made and cannot be claimed raises an alert', () => {
  test.each<[string, typeof answer]>([
    [
      'two ids',
      (_q, r) => void r.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"c-1","id":"c-2"}'),
    ],
    ['a redirect', (_q, r) => void r.writeHead(303, { location: '/api/chats/c-0009' }).end()],
    ['no content', (_q, r) => void r.writeHead(204).end()],
    ['another type', (_q, r) => void r.writeHead(201, { 'content-type': 'text/plain' }).end('c-0009')],
    ['too much', (_q, r) => void r.writeHead(201, { 'content-type': 'application/json' }).end(' '.repeat(2_000_000))],
    ['half an answer', (_q, r) => void r.writeHead(201, { 'content-type': 'application/json' }).write('{')],
  ])('T4: %s', async (_name, given) => {
    answer = given;
    await start(ISOLATED);
    expect((await created()).status).toBeGreaterThanOrEqual(502);
    expect(rig.alerts).toMatchObject([{ kind: 'orphan' }]);
  });

  test('but what the upstream refused was not made', async () => {
    answer = (_request, response) => void response.writeHead(409).end('taken');
    await start(ISOLATED);
    expect((await created()).status).toBe(409);
    expect(rig.alerts).toEqual([]);
  });
});
