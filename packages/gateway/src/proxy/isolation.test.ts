import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRaw, sendRaw } from '../../test/raw.ts';
import { CHAT, startRig, until } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';
import { PLAIN } from '../../test/rig-upstreams.ts';

const OPTIONS: RigOptions = {
  routes: [{ path: '/api/**', access: 'session', permission: { read: 'chats:read', write: 'chats:write' } }],
  ownership: [
    {
      creates: { 'POST /api/chats': '$.id' },
      guards: ['/api/chats/{id}/**'],
      ids: { 'POST /api/search': ['$.chatIds[*]'] },
      lists: { 'GET /api/chats': ['$.chats[*].id'] },
      deletes: ['DELETE /api/chats/{id}'],
      events: [{ path: '/api/events', id: '$.chatId' }],
      unowned: { 'GET /api/info': 'the same for everybody' },
    },
  ],
};

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

let rig: Rig;
let seen: IncomingMessage[] = [];
let answer: Handle;

beforeEach(async () => {
  seen = [];
  rig = await startRig((request, response) => {
    seen.push(request);
    request.resume();
    answer(request, response);
  }, OPTIONS);
});
afterEach(() => rig.close());

test('T4: what waits for a place when its caller leaves is not made', async () => {
  const policy = { ...PLAIN, concurrency: { max: 1, queueMax: 1, waitMs: 10_000 } };
  const targets = [{ url: `http://127.0.0.1:${rig.upstreamPort}`, weight: 1 }];
  await rig.reload({ upstream: { targets, policy } });
  const waiting: ServerResponse[] = [];
  answer = (_request, response) => void waiting.push(response);
  const first = call('/api/info');
  await until(() => waiting.length === 1);
  const leaving = new AbortController();
  const headers = { authorization: 'Bearer alice', 'content-type': 'application/json' };
  const create = { method: 'POST', headers, body: '{}', signal: leaving.signal };
  const left = fetch(`${rig.url}/api/chats`, create).catch((error: unknown) => error);
  const view = () => rig.pools.upstreams.views()[0];
  await until(() => view()?.queued === 1);
  leaving.abort();
  await left;
  await until(() => view()?.queued === 0);
  waiting[0]?.writeHead(200).end('{}');
  expect((await first).status).toBe(200);
  expect([seen.length, view()?.counts.leftQueue, view()?.inFlight, rig.store.orphans]).toEqual([1, 1, 0, []]);
});

function json(status: number, value: unknown): Handle {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
}

function call(
  path: string,
  init: { method?: string; user?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { method = 'GET', user = 'alice', body, headers } = init;
  return fetch(`${rig.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${user}`,
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe('T4: creations', () => {
  test('the claim is written before the answer leaves', async () => {
    answer = json(201, { id: CHAT.free, title: 'mine' });
    const created = await call('/api/chats', { method: 'POST', body: {} });
    expect([created.status, await created.json()]).toEqual([201, { id: CHAT.free, title: 'mine' }]);
    expect(rig.store.owners.get(`default/app/chat/${CHAT.free}`)).toBe('alice');
    answer = json(200, { ok: true });
    expect((await call(`/api/chats/${CHAT.free}`)).status).toBe(200);
    expect((await call(`/api/chats/${CHAT.free}`, { user: 'bob' })).status).toBe(404);
  });

  test('a lost store is 503, an orphan and an alert', async () => {
    rig.store.isLost = true;
    answer = json(201, { id: CHAT.free });
    const created = await call('/api/chats', { method: 'POST', body: {} });
    expect([created.status, await created.text()]).toEqual([503, expect.not.stringContaining(CHAT.free)]);
    expect(rig.store.orphans).toEqual([CHAT.free]);
    expect(rig.alerts).toMatchObject([{ kind: 'orphan' }]);
  });

  test('a client that leaves does not keep its object from being claimed', async () => {
    let finish: (() => void) | undefined;
    answer = (request, response) => {
      finish = () => json(201, { id: CHAT.free })(request, response);
    };
    const raw = openRaw(rig.port);
    raw.socket.write('POST /api/chats HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\nContent-Length: 0\r\n\r\n');
    await until(() => finish !== undefined);
    raw.socket.destroy();
    await until(() => rig.records.length === 1);
    finish?.();
    await until(() => rig.store.owners.has(`default/app/chat/${CHAT.free}`));
    expect(rig.store.owners.get(`default/app/chat/${CHAT.free}`)).toBe('alice');
  });

  test.each<readonly [string, Handle]>([
    ['T5: an id that somebody owns', json(201, { id: CHAT.bob })],
    ['no id', json(201, { title: 'x' })],
    ['an id in another spelling', json(201, { id: 'C-0009' })],
    ['an undeclared status', json(202, { id: CHAT.free })],
    ['no JSON', (_q, r) => void r.end(`{"id":"${CHAT.free}"}`)],
    ['a redirect', (_q, r) => void r.writeHead(303, { location: `/api/chats/${CHAT.free}` }).end()],
  ])('%s: the answer is withheld and the owner stays', async (_name, handle) => {
    answer = handle;
    const created = await call('/api/chats', { method: 'POST', body: {} });
    expect([created.status, await created.json()]).toMatchObject([502, { code: 'answer-refused' }]);
    expect(rig.store.owners.get(`default/app/chat/${CHAT.bob}`)).toBe('bob');
    expect(rig.store.owners.get(`default/app/chat/${CHAT.free}`)).toBeUndefined();
  });

  test("the upstream's own refusal of the input passes", async () => {
    answer = json(422, { error: 'title' });
    const refused = await call('/api/chats', { method: 'POST', body: {} });
    expect([refused.status, await refused.json()]).toEqual([422, { error: 'title' }]);
  });

  test('T5: a conflict is an alert', async () => {
    answer = json(201, { id: CHAT.bob });
    await call('/api/chats', { method: 'POST', body: {} });
    expect(rig.alerts).toMatchObject([{ kind: 'ownership-conflict' }]);
  });

  test('T5: deletion leaves a tombstone', async () => {
    answer = (_request, response) => response.writeHead(204).end();
    expect((await call(`/api/chats/${CHAT.alice}`, { method: 'DELETE' })).status).toBe(204);
    expect(rig.store.owners.get(`default/app/chat/${CHAT.alice}`)).toBe('');
    answer = json(201, { id: CHAT.alice });
    expect((await call('/api/chats', { method: 'POST', user: 'bob', body: {} })).status).toBe(502);
  });

  test('T5: a deletion whose tombstone is lost is 503, a refused one leaves none', async () => {
    rig.store.isLost = true;
    answer = (_request, response) => response.writeHead(204).end();
    expect((await call(`/api/chats/${CHAT.alice}`, { method: 'DELETE' })).status).toBe(503);
    answer = json(409, {});
    expect((await call(`/api/chats/${CHAT.alice}`, { method: 'DELETE' })).status).toBe(409);
    expect(rig.store.owners.get(`default/app/chat/${CHAT.alice}`)).toBe('alice');
  });
});

describe('T8: lists', () => {
  const ALL = { chats: [{ id: CHAT.alice }, { id: CHAT.bob }, { id: CHAT.free }], next: null };

  test('hold only the own objects, and HEAD derives from the filtered GET', async () => {
    answer = json(200, ALL);
    const listed = await call('/api/chats', {
      headers: { range: 'bytes=0-1', 'if-none-match': '"x"', 'accept-encoding': 'gzip' },
    });
    expect(await listed.json()).toEqual({ chats: [{ id: CHAT.alice }], next: null });
    expect(seen[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(seen[0]?.headers).not.toHaveProperty('range');
    expect(seen[0]?.headers).not.toHaveProperty('if-none-match');
    const head = await call('/api/chats', { method: 'HEAD' });
    expect(seen[1]?.method).toBe('GET');
    expect(head.headers.get('content-length')).toBe(listed.headers.get('content-length'));
    expect(await head.text()).toBe('');
  });

  test('keep numbers that a double cannot hold as they were', async () => {
    const kept = `{"id":"${CHAT.alice}","at":9007199254740993,"cost":0.10000000000000000001}`;
    const body = `{"chats":[${kept},{"id":"${CHAT.bob}"}],"next":12345678901234567890}`;
    answer = (_q, r) => void r.writeHead(200, { 'content-type': 'application/json' }).end(body);
    expect(await (await call('/api/chats')).text()).toBe(`{"chats":[${kept}],"next":12345678901234567890}`);
  });

  test.each<readonly [string, Handle]>([
    ['another shape', json(200, [{ id: CHAT.bob }])],
    ['another status', json(203, ALL)],
    ['an error of the upstream', json(500, ALL)],
    ['a part', json(206, ALL)],
    [
      'an encoding',
      (_q, r) => {
        r.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(
          gzipSync(JSON.stringify(ALL)),
        );
      },
    ],
    ['another type', (_q, r) => void r.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(ALL))],
    ['more than 1 MiB', json(200, { chats: [{ id: CHAT.alice, text: 'x'.repeat(1_100_000) }] })],
    ['broken JSON', (_q, r) => void r.writeHead(200, { 'content-type': 'application/json' }).end('{"chats":[')],
  ])('%s is withheld', async (_name, handle) => {
    answer = handle;
    const listed = await call('/api/chats');
    expect([listed.status, await listed.json()]).toMatchObject([502, { code: 'answer-refused' }]);
  });
});

describe('T6: what is asked for', () => {
  test('objects of others, undeclared operations and foreign ids in bodies never reach the upstream', async () => {
    answer = json(200, {});
    const refused = [
      await call(`/api/chats/${CHAT.bob}`),
      await call(`/api/chats/${CHAT.bob}/messages`),
      await call(`/api/chats/${CHAT.free}`, { method: 'PUT', body: {} }),
      await call('/api/undeclared'),
      await call('/api/search', { method: 'POST', body: { chatIds: [CHAT.alice, CHAT.bob] } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect(seen).toEqual([]);
    expect((await call('/api/search', { method: 'POST', body: { chatIds: [CHAT.alice] } })).status).toBe(200);
    expect((await call('/api/info')).status).toBe(200);
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', '{"chatIds":["c-0001"]}'],
    ['no type', '', '{"chatIds":["c-0001"]}'],
    ['another charset', 'application/json; charset=utf-7', '{"chatIds":["c-0001"]}'],
  ])('a body as %s is not read as JSON', async (_name, type, body) => {
    answer = json(200, {});
    const field = type === '' ? '' : `Content-Type: ${type}\r\n`;
    const head = `POST /api/search HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\n${field}`;
    const refused = await sendRaw(rig.port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`, 300);
    expect(refused.status).toBe(415);
    expect(seen).toEqual([]);
  });

  test.each([
    ['two keys', Buffer.from('{"chatIds":["c-0001"],"chatIds":["c-0002"]}')],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['rubbish', Buffer.from('chatIds')],
  ])('a JSON body with %s is 400', async (_name, body) => {
    answer = json(200, {});
    const refused = await fetch(`${rig.url}/api/search`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer alice', 'content-type': 'application/json' },
    });
    expect(refused.status).toBe(400);
    expect(seen).toEqual([]);
  });

  test('a compressed body passes only where nothing looks into it', async () => {
    answer = json(200, {});
    const init = {
      method: 'POST',
      body: gzipSync('{"chatIds":["c-0002"]}'),
      headers: { authorization: 'Bearer alice', 'content-type': 'application/json', 'content-encoding': 'gzip' },
    };
    expect((await fetch(`${rig.url}/api/search`, init)).status).toBe(415);
    expect((await fetch(`${rig.url}/api/chats/${CHAT.alice}/messages`, init)).status).toBe(200);
  });
});

describe('T7: event streams', () => {
  function subscribe(path: string, user: string): ReturnType<typeof openRaw> {
    const raw = openRaw(rig.port);
    raw.socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${user}\r\nLast-Event-ID: 7\r\n\r\n`);
    return raw;
  }

  const pushes: ((text: string) => void)[] = [];
  const stream: Handle = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    pushes.push((text) => void response.write(text));
  };
  const event = (chatId: string, text: string): string => `data: ${JSON.stringify({ chatId, text })}\n\n`;

  beforeEach(() => {
    pushes.length = 0;
    answer = stream;
  });

  test('show each caller only the own events, in order, however they are cut', async () => {
    const raw = subscribe('/api/events', 'alice');
    await until(() => pushes.length === 1);
    expect(seen[0]?.headers['last-event-id']).toBe('7');
    const all = event(CHAT.alice, 'one') + event(CHAT.bob, 'secret') + 'data: rubbish\n\n' + event(CHAT.alice, 'two');
    for (const part of all.match(/[\s\S]{1,7}/g) ?? []) pushes[0]?.(part);
    await until(() => raw.text().includes('two'));
    expect(raw.text().indexOf('one')).toBeLessThan(raw.text().indexOf('two'));
    expect(raw.text()).not.toMatch(/secret|rubbish/);
    raw.socket.destroy();
  });

  test("under a guarded path belong to the path's object", async () => {
    const raw = subscribe(`/api/chats/${CHAT.alice}/stream`, 'alice');
    await until(() => pushes.length === 1);
    pushes[0]?.('data: words\n\n');
    await until(() => raw.text().includes('words'));
    const stranger = subscribe(`/api/chats/${CHAT.alice}/stream`, 'bob');
    await until(() => stranger.text() !== '');
    expect(stranger.text()).toMatch(/^HTTP\/1\.1 404/);
    raw.socket.destroy();
    stranger.socket.destroy();
  });

  test('an answer that is no event stream is withheld where events are declared', async () => {
    answer = json(200, { chatId: CHAT.bob });
    expect((await call('/api/events')).status).toBe(502);
  });

  test('AU8: end within a second of their session, also when it ended while they opened', async () => {
    const raw = subscribe('/api/events', 'alice');
    const other = subscribe('/api/events', 'bob');
    await until(() => pushes.length === 2 && rig.plane.counts().streams === 2);
    rig.plane.streams.closeSession('s-alice');
    await until(() => raw.text().endsWith('0\r\n\r\n'), 1000);
    expect(rig.plane.counts().streams).toBe(1);
    const late = subscribe('/api/events', 'alice');
    await until(() => late.text().endsWith('0\r\n\r\n'), 1000);
    for (const { socket } of [raw, other, late]) socket.destroy();
  });
});

async function byCharacter(response: ServerResponse, text: string): Promise<void> {
  for (const char of text) {
    response.write(char);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

describe('T8: secrets', () => {
  const SECRET = 'sk-voice-0123456789';

  test('never leave: in bodies, headers, errors, streams and across chunks', async () => {
    await rig.close();
    rig = await startRig(
      (request, response) => {
        if (request.url === '/error') {
          response.writeHead(500, { 'x-debug': SECRET, 'content-type': 'text/plain' }).end(`failed with ${SECRET}`);
          return;
        }
        response.writeHead(200, { 'content-type': request.url === '/sse' ? 'text/event-stream' : 'text/plain' });
        const text = `data: [${SECRET}] ${Buffer.from(SECRET).toString('base64')} ${encodeURIComponent(SECRET)}\n\n`;
        void byCharacter(response, text);
      },
      { scrub: [SECRET] },
    );
    for (const path of ['/plain', '/error', '/sse']) {
      const leaked = await fetch(`${rig.url}${path}`);
      const text = `${JSON.stringify([...leaked.headers])}${await leaked.text()}`;
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(Buffer.from(SECRET).toString('base64').slice(2, -4));
      expect(text).toContain('secret');
    }
  });

  test('a compressed or partial answer on a scrubbed route is withheld', async () => {
    await rig.close();
    rig = await startRig(
      (request, response) => {
        const isPart = request.url === '/part';
        response.writeHead(isPart ? 206 : 200, isPart ? {} : { 'content-encoding': 'gzip' }).end(gzipSync(SECRET));
      },
      { scrub: [SECRET] },
    );
    expect((await fetch(`${rig.url}/gzip`)).status).toBe(502);
    expect((await fetch(`${rig.url}/part`)).status).toBe(502);
  });
});
