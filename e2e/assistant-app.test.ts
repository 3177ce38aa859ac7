import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { VOICE_KEY, assistantClient, forkAssistant, json, originOf, parseEvents } from './support/assistant-app.ts';
import type { AssistantClient } from './support/assistant-app.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let child: ChildProcess;
let base: string;
let call: AssistantClient['call'];
let post: AssistantClient['post'];
let newChat: AssistantClient['newChat'];
let listedIds: AssistantClient['listedIds'];
let openEvents: AssistantClient['openEvents'];
let openSocket: AssistantClient['openSocket'];

beforeAll(async () => {
  child = forkAssistant();
  base = await originOf(child);
  ({ call, post, newChat, listedIds, openEvents, openSocket } = assistantClient(base));
});

afterAll(() => {
  child.kill('SIGKILL');
});

describe('chats', () => {
  it('creates, lists, reads, renames and deletes a chat', async () => {
    const created = await call('POST', '/api/chats', { title: '  Travel  ' });
    expect(created.status).toBe(201);
    const { title, createdAt, updatedAt } = created.body;
    const id = String(created.body['id']);
    expect(id).toMatch(UUID);
    expect([title, updatedAt]).toEqual(['Travel', createdAt]);

    expect((await call('GET', '/api/chats')).body['chats']).toContainEqual({ id, title, updatedAt });
    expect((await call('GET', `/api/chats/${id}`)).body).toEqual({ ...created.body, messages: [] });

    const renamed = await call('PATCH', `/api/chats/${id}`, { title: 'Food' });
    expect(renamed.body).toMatchObject({ id, title: 'Food', createdAt });

    expect((await call('DELETE', `/api/chats/${id}`)).status).toBe(204);
    expect((await call('GET', `/api/chats/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/api/chats/${id}`)).status).toBe(404);
  });

  it('lists the last changed chat first', async () => {
    const [older, newer] = [await newChat('older'), await newChat('newer')];
    expect((await listedIds()).slice(0, 2)).toEqual([newer, older]);

    await call('PATCH', `/api/chats/${older}`, { title: 'older, touched' });
    expect((await listedIds()).slice(0, 2)).toEqual([older, newer]);
  });

  it.each([{}, { title: '' }, { title: '  ' }, { title: 7 }, { title: 'x'.repeat(121) }, [], null, 'text'])(
    'refuses %j as a new chat',
    async (body) => {
      const answer = await call('POST', '/api/chats', body);
      expect(answer).toMatchObject({ status: 400, type: 'application/problem+json', body: { code: 'bad-request' } });
    },
  );
});

describe('replies', () => {
  it('streams the reply word by word, then its id, and keeps both messages', async () => {
    const chatId = await newChat('stream');
    const response = await post(`/api/chats/${chatId}/messages`, { text: 'Hello there' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');

    const events = parseEvents(await response.text());
    const done = events.at(-1);
    const tokens = events.slice(0, -1);
    expect(tokens.length).toBeGreaterThan(5);
    expect(tokens.every(({ event, data }) => event === 'token' && data['chatId'] === chatId)).toBe(true);
    expect(done).toMatchObject({ event: 'done', data: { chatId } });

    const reply = tokens.map(({ data }) => data['text']).join('');
    expect((await call('GET', `/api/chats/${chatId}`)).body['messages']).toMatchObject([
      { role: 'user', text: 'Hello there' },
      { role: 'assistant', text: reply, id: done?.data['messageId'] },
    ]);
  });

  it('finishes the reply when the reader leaves', async () => {
    const chatId = await newChat('left alone');
    const watcher = await openEvents(`/api/chats/${chatId}/events`);
    const reader = await openEvents(`/api/chats/${chatId}/messages`, { method: 'POST', ...json({ text: 'hi' }) });
    await reader.until(({ event }) => event === 'token');
    reader.close();

    await watcher.until(({ data }) => data['type'] === 'reply.done');
    watcher.close();
    expect((await call('GET', `/api/chats/${chatId}`)).body['messages']).toHaveLength(2);
  });

  it('refuses blank text and unknown chats before the stream opens', async () => {
    const chatId = await newChat('refusals');
    expect((await call('POST', `/api/chats/${chatId}/messages`, { text: ' ' })).status).toBe(400);
    expect((await call('POST', '/api/chats/unknown/messages', { text: 'hi' })).status).toBe(404);
  });
});

describe('search, dashboard and configuration', () => {
  it('searches only the given chats, in titles and messages', async () => {
    const [inTitle, inText, notGiven] = [await newChat('A Zebra'), await newChat('other'), await newChat('zebra too')];
    await (await post(`/api/chats/${inText}/messages`, { text: 'where do zebras live' })).text();

    const { body } = await call('POST', '/api/search', { query: 'ZEBRA', chatIds: [inTitle, inText, 'unknown'] });
    expect(body['results']).toMatchObject([
      { chatId: inTitle, title: 'A Zebra', excerpt: 'A Zebra' },
      { chatId: inText, title: 'other', excerpt: expect.stringContaining('zebra') },
    ]);
    expect(JSON.stringify(body)).not.toContain(notGiven);
    expect((await call('POST', '/api/search', { query: 'zebra' })).status).toBe(400);
  });

  it('counts chats and messages', async () => {
    const { body: before } = await call('GET', '/api/dashboard');
    const chatId = await newChat('counted');
    await (await post(`/api/chats/${chatId}/messages`, { text: 'hi' })).text();

    const { body: after } = await call('GET', '/api/dashboard');
    expect(after).toMatchObject({ chats: Number(before['chats']) + 1, messages: Number(before['messages']) + 2 });
    expect(after['model']).toBeTypeOf('string');
    expect(after['messagesToday']).toBeTypeOf('number');
  });

  it('leaks the voice key, which is what the gate is there for', async () => {
    expect((await call('GET', '/api/config')).body).toMatchObject({ voice: { apiKey: VOICE_KEY } });
  });
});

describe('event streams', () => {
  it('tells what happens in order, numbered without gaps', async () => {
    const stream = await openEvents('/api/events');
    const chatId = await newChat('watched');
    await (await post(`/api/chats/${chatId}/messages`, { text: 'hello' })).text();
    await call('PATCH', `/api/chats/${chatId}`, { title: 'renamed' });
    await call('DELETE', `/api/chats/${chatId}`);
    await stream.until(({ data }) => data['type'] === 'chat.deleted');
    stream.close();

    const types = stream.seen.map(({ data }) => data['type']);
    const inTurn = types.filter((type, index) => type !== types[index - 1]);
    expect(inTurn).toEqual([
      'chat.created',
      'message.added',
      'reply.token',
      'reply.done',
      'chat.changed',
      'chat.deleted',
    ]);
    const first = Number(stream.seen[0]?.id);
    expect(stream.seen.map(({ id }) => Number(id))).toEqual(stream.seen.map((_, index) => first + index));
    expect(stream.seen.every(({ data }) => data['chatId'] === chatId)).toBe(true);
  });

  it("keeps one chat's stream to that chat, and ends it with the chat", async () => {
    const [watched, other] = [await newChat('watched'), await newChat('other')];
    const stream = await openEvents(`/api/chats/${watched}/events`);
    await call('PATCH', `/api/chats/${other}`, { title: 'unheard' });
    await call('DELETE', `/api/chats/${watched}`);
    await stream.ended;
    expect(stream.seen.map(({ data }) => data)).toEqual([{ type: 'chat.deleted', chatId: watched }]);
    expect((await call('GET', '/api/chats/unknown/events')).status).toBe(404);
  });
});

describe('replay', () => {
  it('replays what came after Last-Event-ID, and nothing without it', async () => {
    const before = await openEvents('/api/events');
    const [first, second] = [await newChat('first'), await newChat('second')];
    await before.until(({ data }) => data['chatId'] === second);
    before.close();

    const lastEventId = before.seen.find(({ data }) => data['chatId'] === first)?.id ?? '';
    const again = await openEvents('/api/events', { headers: { 'last-event-id': lastEventId } });
    await again.until(() => true);
    again.close();
    expect(again.seen[0]?.data).toMatchObject({ type: 'chat.created', chatId: second });

    const fresh = await openEvents('/api/events');
    const third = await newChat('third');
    await fresh.until(() => true);
    fresh.close();
    expect(fresh.seen[0]?.data['chatId']).toBe(third);
  });

  it('replays at most the last 100 events', async () => {
    const chatId = await newChat('busy');
    for (let count = 0; count < 120; count += 1) await call('PATCH', `/api/chats/${chatId}`, { title: `${count}` });
    const stream = await openEvents('/api/events', { headers: { 'last-event-id': '0' } });
    await stream.until(({ data }) => data['title'] === '119');
    stream.close();
    expect(stream.seen).toHaveLength(100);
  });
});

describe('the WebSocket', () => {
  it("sends every chat's events to everybody, and takes messages", async () => {
    const [speaker, listener] = [await openSocket(), await openSocket()];
    const chatId = await newChat('talk');
    speaker.send({ type: 'say', chatId, text: 'hello' });
    await Promise.all([speaker, listener].map((socket) => socket.until(({ type }) => type === 'reply.done')));

    const types = new Set(listener.seen.map(({ type }) => type));
    expect([...types]).toEqual(['chat.created', 'message.added', 'reply.token', 'reply.done']);
    expect(speaker.seen).toEqual(listener.seen);
    [speaker, listener].forEach((socket) => socket.close());
  });

  it('passes typing on to the others only', async () => {
    const [speaker, listener] = [await openSocket(), await openSocket()];
    const chatId = await newChat('typed');
    speaker.send({ type: 'typing', chatId });
    await listener.until(({ type }) => type === 'typing');
    expect(listener.seen.at(-1)).toEqual({ type: 'typing', chatId });
    expect(speaker.seen.some(({ type }) => type === 'typing')).toBe(false);
    [speaker, listener].forEach((socket) => socket.close());
  });

  it.each([{ type: 'drop' }, { type: 'say' }, { type: 'say', chatId: 'unknown', text: 'x' }, [], 'not an object'])(
    'answers %j with an error and stays open',
    async (message) => {
      const socket = await openSocket();
      for (let count = 1; count <= 2; count += 1) {
        socket.send(message);
        await socket.until(() => socket.seen.length === count);
      }
      expect(socket.seen.map(({ type }) => type)).toEqual(['error', 'error']);
      socket.close();
    },
  );

  it('asks a plain request to upgrade, and refuses upgrades elsewhere', async () => {
    expect(await call('GET', '/ws')).toMatchObject({ status: 426, body: { code: 'upgrade-required' } });
    const socket = new WebSocket(`${base.replace('http', 'ws')}/api/events`);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('404');
  });
});

describe('HTTP', () => {
  it('answers unknown paths and methods as problems', async () => {
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(await call('GET', '/assets/..%2Fserver.ts')).toMatchObject({ status: 404 });
    const wrong = await post('/api/dashboard', {});
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const collection = await fetch(`${base}/api/chats`, { method: 'DELETE' });
    expect(collection.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('refuses bodies that are too large, broken or of another type', async () => {
    expect(await call('POST', '/api/chats', { title: 'x'.repeat(300_000) })).toMatchObject({ status: 413 });
    expect(await statusOf('{', 'application/json')).toBe(400);
    expect(await statusOf(new Uint8Array([0x22, 0xff, 0x22]), 'application/json')).toBe(400);
    expect(await statusOf('{"title":"x"}', 'text/plain')).toBe(415);
  });

  it.each(['/', '/api/chats', '/api/dashboard', '/api/events', '/healthz'])('answers HEAD %s', async (path) => {
    const response = await fetch(base + path, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('serves a front end that works under a strict content security policy', async () => {
    const page = await (await fetch(base)).text();
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
    const paths = [...page.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map((match) => match[1] ?? '');
    expect(paths).toContain('/assets/app.js');
    for (const path of paths) expect((await fetch(base + path)).status).toBe(200);

    const script = await (await fetch(`${base}/assets/app.js`)).text();
    expect(script).not.toMatch(/localStorage|sessionStorage|innerHTML|https?:\/\//);
  });
});

async function statusOf(body: string | Uint8Array<ArrayBuffer>, type: string): Promise<number> {
  const response = await fetch(`${base}/api/chats`, { method: 'POST', body, headers: { 'content-type': type } });
  return response.status;
}
