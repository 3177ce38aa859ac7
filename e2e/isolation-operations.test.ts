import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CHAT_ROUTES } from '../examples/assistant/chat-routes.ts';
import { WORKSPACE_ROUTES } from '../examples/assistant/workspace-routes.ts';
import { assistantClient, forkAssistant, originOf, VOICE_KEY } from './support/assistant-app.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, NOBODY, signIn, signInMany } from './support/people.ts';
import { comparable, requestText, sendBytes } from './support/wire.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const CONFIG = readFileSync(join(import.meta.dirname, '../examples/assistant/steadygate.yaml'), 'utf8');
const JSON_TYPE = 'Content-Type: application/json';
/** Names every field that some operation of the example takes. */
const bodyFor = (id: string) => JSON.stringify({ title: 'taken', text: 'taken', query: 'secret', chatIds: [id] });

let app: ChildProcess;
let appUrl: string;
let gate: RunningGate;
let who: Readonly<Record<'owner' | 'stranger' | 'administrator' | 'viewer' | 'nobody', Caller>>;
let chat: string;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly lines?: readonly string[];
  readonly body?: string;
}

async function ask(caller: Caller, { method, path, lines = [], body = '' }: Asked) {
  const type = body === '' ? [] : [JSON_TYPE];
  return sendBytes(gate.port, requestText(method, path, [caller.line, ...type, ...lines], body));
}

/** An event stream or socket, as text, until `isIt` finds what it waits for. */
function watch(caller: Caller, path: string, lines: readonly string[] = []) {
  const controller = new AbortController();
  const headers = {
    authorization: `Bearer ${caller.token}`,
    ...Object.fromEntries(lines.map((line) => line.split(': '))),
  };
  let text = '';
  const opened = fetch(gate.url + path, { headers, signal: controller.signal });
  const read = async (isIt: (text: string) => boolean): Promise<string> => {
    const body = (await opened).body;
    if (body === null) throw new Error('no stream');
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      if (isIt(text)) break;
    }
    controller.abort();
    return text;
  };
  return { opened, read };
}

async function createChat(caller: Caller, title: string): Promise<string> {
  const { status, body } = await ask(caller, { method: 'POST', path: '/api/chats', body: JSON.stringify({ title }) });
  expect(status).toBe(201);
  return String(JSON.parse(body).id);
}

beforeAll(async () => {
  app = forkAssistant();
  appUrl = await originOf(app);
  const limits = '\nlimits: { general: 100000/1m, credentials: 100000/1m }\n';
  gate = await startGate({
    config: CONFIG + limits,
    env: { ASSISTANT_URL: appUrl, ASSISTANT_VOICE_API_KEY: VOICE_KEY },
  });
  const [owner = NOBODY, stranger = NOBODY] = await signInMany(gate, 'member', 2);
  const [viewer = NOBODY] = await signInMany(gate, 'viewer', 1);
  who = { owner, stranger, viewer, administrator: await signIn(gate, gate.invite ?? ''), nobody: NOBODY };
  chat = await createChat(owner, 'the secret of the owner');
  await ask(owner, { method: 'POST', path: `/api/chats/${chat}/messages`, body: '{"text":"a secret message"}' });
}, 60_000);

afterAll(async () => {
  await gate.stop();
  app.kill();
});

/** What the application itself holds, asked around the gate. */
const inApp = async (): Promise<unknown> => (await assistantClient(appUrl).call('GET', `/api/chats/${chat}`)).body;

const OBJECT_PATHS = [...new Set([...CHAT_ROUTES, ...WORKSPACE_ROUTES].map(({ path }) => path))].filter((path) =>
  path.includes('/chats/{id}'),
);
const OTHERS = ['stranger', 'administrator', 'viewer', 'nobody'] as const;

describe("every operation on somebody else's object", () => {
  test('the list of operations is the one that the example has', () => {
    expect(OBJECT_PATHS.toSorted()).toEqual(['/api/chats/{id}', '/api/chats/{id}/events', '/api/chats/{id}/messages']);
  });

  for (const name of OTHERS) {
    test(`SB5 T4 T10: answers ${name} exactly as if there were no such object, in every method`, async () => {
      const before = await inApp();
      for (const path of [...OBJECT_PATHS, '/api/chats/{id}/anything/below', '/api/chats/{id}/']) {
        for (const method of METHODS) {
          const missing = randomUUID();
          const asked = (id: string) => {
            const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? bodyFor(id) : '';
            return ask(who[name], { method, path: path.replace('{id}', id), body });
          };
          const [foreign, absent] = [await asked(chat), await asked(missing)];
          expect(comparable(foreign), `${method} ${path}`).toBe(comparable(absent));
          expect([204, 401, 403, 404]).toContain(foreign.status);
          expect(foreign.status === 204, 'OPTIONS ends at the gate').toBe(method === 'OPTIONS');
          expect(foreign.text).not.toContain('secret');
        }
      }
      expect(await inApp()).toEqual(before);
    });
  }

  test('the owner has it', async () => {
    const { status, body } = await ask(who.owner, { method: 'GET', path: `/api/chats/${chat}` });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ id: chat, title: 'the secret of the owner' });
  });

  test('an object around which the gate was bypassed belongs to nobody', async () => {
    const orphan = await assistantClient(appUrl).newChat('made around the gate');
    for (const caller of Object.values(who).filter(({ token }) => token !== '')) {
      expect((await ask(caller, { method: 'GET', path: `/api/chats/${orphan}` })).status).toBe(404);
    }
  });
});

describe('lists and searches', () => {
  test.each(['stranger', 'administrator', 'viewer'] as const)('SB5 T8: %s lists the own objects only', async (name) => {
    const list = await ask(who[name], { method: 'GET', path: '/api/chats' });
    expect(list.status).toBe(200);
    expect(list.text).not.toContain(chat);
    const head = await ask(who[name], { method: 'HEAD', path: '/api/chats' });
    expect(head.fields.find(([field]) => field === 'content-length')?.[1]).toBe(String(list.body.length));
  });

  test('the owner lists it', async () => {
    expect((await ask(who.owner, { method: 'GET', path: '/api/chats' })).body).toContain(chat);
  });

  test('T6: a search that names a foreign object is answered like one that names none that exists', async () => {
    const own = await createChat(who.stranger, 'of the stranger');
    const search = (chatIds: unknown) =>
      ask(who.stranger, { method: 'POST', path: '/api/search', body: JSON.stringify({ query: 'secret', chatIds }) });
    for (const idsOf of [
      (id: string) => [id],
      (id: string) => [own, id],
      (id: string) => [id, own],
      (id: string) => [own, own, id],
    ]) {
      const [foreign, absent] = [await search(idsOf(chat)), await search(idsOf(randomUUID()))];
      expect(foreign.status).toBe(404);
      expect(comparable(foreign)).toBe(comparable(absent));
    }
    expect((await search([own])).status).toBe(200);
    for (const odd of [chat, { 0: chat }, [[chat]], [{ id: chat }], [null, chat], [chat.toUpperCase()], [` ${chat}`]]) {
      expect((await search(odd)).status).toBeGreaterThanOrEqual(400);
    }
  });

  test.each([
    ['key twice', (id: string, own: string) => `{"query":"secret","chatIds":["${own}"],"chatIds":["${id}"]}`],
    [
      'key in another spelling',
      (id: string, own: string) => `{"query":"secret","chatIds":["${own}"],"ChatIds":["${id}"]}`,
    ],
    ['key escaped', (id: string, own: string) => `{"query":"secret","chatIds":["${own}"],"chat\\u0049ds":["${id}"]}`],
    [
      'id escaped',
      (id: string) =>
        `{"query":"secret","chatIds":["\\u${id.charCodeAt(0).toString(16).padStart(4, '0')}${id.slice(1)}"]}`,
    ],
    [
      'a second document',
      (id: string, own: string) => `{"query":"secret","chatIds":["${own}"]}{"query":"secret","chatIds":["${id}"]}`,
    ],
    ['a byte order mark', (id: string) => `\xef\xbb\xbf{"query":"secret","chatIds":["${id}"]}`],
  ])('T6: a search with %s reaches nothing foreign', async (_name, bodyOf) => {
    const own = await createChat(who.stranger, 'of the stranger');
    const answer = await ask(who.stranger, { method: 'POST', path: '/api/search', body: bodyOf(chat, own) });
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('secret');
  });

  test('T6: a search in another media type, or compressed, is refused', async () => {
    const body = JSON.stringify({ query: 'secret', chatIds: [chat] });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', '']) {
      const text = requestText('POST', '/api/search', [who.stranger.line, `Content-Type: ${type}`], body);
      expect((await sendBytes(gate.port, text)).status, `type ${type}`).toBe(415);
    }
    expect(
      (await ask(who.stranger, { method: 'POST', path: '/api/search', body, lines: ['Content-Encoding: gzip'] }))
        .status,
    ).toBe(415);
  });
});

describe('event streams', () => {
  test('T7: of another chat are not opened', async () => {
    for (const name of OTHERS) {
      const { opened } = watch(who[name], `/api/chats/${chat}/events`, ['last-event-id: 0']);
      expect([401, 404]).toContain((await opened).status);
    }
  });

  test.each(['stranger', 'administrator', 'viewer'] as const)(
    'T7: of the workspace, replayed from the first event and live, hold nothing foreign for %s',
    async (name) => {
      const replay = watch(who[name], '/api/events', ['last-event-id: 0']);
      expect((await replay.opened).status).toBe(200);
      const fromOwner = watch(who.owner, '/api/events', ['last-event-id: 0']);
      const said = { method: 'POST', path: `/api/chats/${chat}/messages`, body: '{"text":"another secret"}' };
      const heard = fromOwner.read((text) => text.includes('another secret'));
      await ask(who.owner, said);
      expect(await heard).toContain(chat);
      if (name === 'viewer') {
        // A viewer makes nothing: what it would hear comes before a heartbeat of the application, so it hears nothing.
        const silent = await Promise.race([
          replay.read((text) => text !== ''),
          new Promise((done) => setTimeout(done, 300, '')),
        ]);
        expect(silent).toBe('');
        return;
      }
      const own = createChat(who[name], `seen by ${name} alone`);
      const seen = await replay.read((text) => text.includes(`seen by ${name} alone`));
      expect(seen).toContain(await own);
      expect(seen).not.toContain(chat);
      expect(seen).not.toContain('secret');
    },
  );
});

describe('sockets', () => {
  function open(caller: Caller) {
    const socket = new WebSocket(`ws://127.0.0.1:${gate.port}/ws`, {
      headers: { authorization: `Bearer ${caller.token}` },
    });
    const received: string[] = [];
    const waiting = new Set<() => void>();
    socket.on('message', (data) => {
      if (data instanceof Buffer) received.push(data.toString());
      for (const check of waiting) check();
    });
    const until = (part: string): Promise<void> =>
      new Promise((resolve) => {
        const check = (): void => void (received.some((text) => text.includes(part)) && resolve());
        waiting.add(check);
        check();
      });
    return {
      socket,
      received,
      until,
      opened: new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)),
    };
  }

  test('SB11: no socket without a credential, and none on a path that is not declared', async () => {
    const handshake = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const statusOf = async (caller: Caller, path: string) =>
      (await sendBytes(gate.port, requestText('GET', path, [caller.line, ...handshake]))).status;
    expect(await statusOf(NOBODY, '/ws')).toBe(401);
    expect(await statusOf({ ...NOBODY, line: 'Authorization: Bearer x.y.z' }, '/ws')).toBe(401);
    for (const path of ['/ws/', '/WS', '/ws;x', '/api/chats', `/api/chats/${chat}`, '/', '/healthz', '/auth/session']) {
      expect(await statusOf(who.stranger, path), `at ${path}`).toBeGreaterThanOrEqual(400);
    }
  });

  test('T7: nobody says anything in a foreign chat, and nobody hears anything of it', async () => {
    const own = await createChat(who.stranger, 'of the stranger');
    const before = await inApp();
    const [stranger, administrator, owner] = [open(who.stranger), open(who.administrator), open(who.owner)];
    await Promise.all([stranger.opened, administrator.opened, owner.opened]);
    const attempts = [
      { type: 'say', chatId: chat, text: 'taken over' },
      { type: 'typing', chatId: chat },
      { type: 'say', chatId: chat.toUpperCase(), text: 'taken over' },
      { type: 'say', chatId: [chat], text: 'taken over' },
      { type: 'delete', chatId: own },
      { type: ['say'], chatId: chat, text: 'taken over' },
    ].map((message) => JSON.stringify(message));
    attempts.push(
      `{"type":"say","chatId":"${own}","chatId":"${chat}","text":"taken over"}`,
      `{"type":"say","chatId":"${own}","ChatId":"${chat}","text":"taken over"}`,
      `[{"type":"say","chatId":"${chat}","text":"taken over"}]`,
      'not JSON',
    );
    for (const attempt of attempts) {
      stranger.socket.send(attempt);
      administrator.socket.send(attempt);
      stranger.socket.send(Buffer.from(attempt), { binary: true });
    }
    stranger.socket.send(JSON.stringify({ type: 'say', chatId: own, text: 'mine' }));
    owner.socket.send(JSON.stringify({ type: 'say', chatId: chat, text: 'the last secret' }));
    await Promise.all([stranger.until('reply.done'), owner.until('the last secret'), owner.until('reply.done')]);
    expect(stranger.received.join('\n')).not.toContain(chat);
    expect(administrator.received).toEqual([]);
    expect(owner.received.join('\n')).not.toContain('taken over');
    expect(owner.received.join('\n')).not.toContain(own);
    expect(JSON.stringify(await inApp())).not.toContain('taken over');
    expect(JSON.stringify(await inApp())).toContain(JSON.stringify(before).slice(1, 60));
    for (const { socket } of [stranger, administrator, owner]) socket.terminate();
  });

  test('SB4: a viewer says nothing', async () => {
    const viewer = open(who.viewer);
    await viewer.opened;
    viewer.socket.send(JSON.stringify({ type: 'say', chatId: chat, text: 'by a viewer' }));
    viewer.socket.terminate();
    const owner = open(who.owner);
    await owner.opened;
    owner.socket.send(JSON.stringify({ type: 'typing', chatId: chat }));
    owner.socket.send(JSON.stringify({ type: 'say', chatId: chat, text: 'after the viewer' }));
    await owner.until('after the viewer');
    expect(owner.received.join('\n')).not.toContain('by a viewer');
    owner.socket.terminate();
  });
});

describe('what is the same for everybody', () => {
  test('SB18: the key of the voice provider arrives nowhere', async () => {
    for (const name of ['owner', 'stranger', 'administrator', 'viewer'] as const) {
      const { status, text } = await ask(who[name], { method: 'GET', path: '/api/config' });
      expect(status).toBe(200);
      expect(text).toContain('demo-voice');
      expect(text).not.toContain(VOICE_KEY);
    }
  });

  test('SB1: without a credential nothing of the application is reached', async () => {
    for (const { method, path } of [...CHAT_ROUTES, ...WORKSPACE_ROUTES]) {
      const { status } = await ask(NOBODY, { method, path: path.replace('{id}', chat) });
      expect(status, `${method} ${path}`).toBe(path === '/healthz' ? 404 : 401);
    }
  });
});
