import type { App } from './app.ts';
import type { Chat } from './chats.ts';
import { TEXT_CHARS_MAX, converse } from './conversation.ts';
import { readJson, sendJson, textField, textListField } from './http.ts';
import type { Call } from './http.ts';
import { ProblemError } from './problem.ts';
import type { Route } from './router.ts';
import { searchChat } from './search.ts';
import { openStream, sendEvent, streamEvents } from './sse.ts';

const TITLE_CHARS_MAX = 120;
const QUERY_CHARS_MAX = 200;
const SEARCHED_CHATS_MAX = 1_000;

/** Everything that names chats. */
export const CHAT_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/chats', handle: listChats },
  { method: 'POST', path: '/api/chats', handle: createChat },
  { method: 'GET', path: '/api/chats/{id}', handle: readChat },
  { method: 'PATCH', path: '/api/chats/{id}', handle: renameChat },
  { method: 'DELETE', path: '/api/chats/{id}', handle: deleteChat },
  { method: 'POST', path: '/api/chats/{id}/messages', handle: sendMessage },
  { method: 'GET', path: '/api/chats/{id}/events', handle: watchChat },
  { method: 'POST', path: '/api/search', handle: search },
  { method: 'GET', path: '/api/events', handle: streamEvents },
];

function listChats(app: App, { response }: Call): void {
  const chats = app.chats.list().map(({ id, title, updatedAt }) => ({ id, title, updatedAt }));
  sendJson(response, 200, { chats });
}

async function createChat(app: App, { request, response }: Call): Promise<void> {
  const title = textField(await readJson(request), 'title', TITLE_CHARS_MAX);
  sendJson(response, 201, withoutMessages(app.chats.create(title)));
}

function readChat(app: App, call: Call): void {
  sendJson(call.response, 200, findChat(app, call));
}

async function renameChat(app: App, call: Call): Promise<void> {
  const title = textField(await readJson(call.request), 'title', TITLE_CHARS_MAX);
  sendJson(call.response, 200, withoutMessages(app.chats.rename(findChat(app, call), title)));
}

function deleteChat(app: App, call: Call): void {
  app.chats.remove(findChat(app, call));
  call.response.writeHead(204).end();
}

async function sendMessage(app: App, call: Call): Promise<void> {
  const text = textField(await readJson(call.request), 'text', TEXT_CHARS_MAX);
  const chat = findChat(app, call);
  const { response } = call;

  openStream(call);
  const messageId = await converse(app, { chat, text }, (token) => {
    sendEvent(response, { event: 'token', data: { chatId: chat.id, text: token } });
  });
  if (messageId !== undefined) sendEvent(response, { event: 'done', data: { chatId: chat.id, messageId } });
  response.end();
}

function watchChat(app: App, call: Call): void {
  streamEvents(app, call, findChat(app, call).id);
}

async function search(app: App, { request, response }: Call): Promise<void> {
  const body = await readJson(request);
  const query = textField(body, 'query', QUERY_CHARS_MAX);
  const chatIds = new Set(textListField(body, 'chatIds', SEARCHED_CHATS_MAX));

  const results = [...chatIds]
    .map((id) => app.chats.find(id))
    .filter((chat) => chat !== undefined)
    .map((chat) => searchChat(chat, query))
    .filter((result) => result !== undefined);
  sendJson(response, 200, { results });
}

function findChat(app: App, { id }: Call): Chat {
  const chat = app.chats.find(id);
  if (chat !== undefined) return chat;
  throw new ProblemError('not-found', 'There is no such chat.');
}

function withoutMessages({ id, title, createdAt, updatedAt }: Chat): Omit<Chat, 'messages'> {
  return { id, title, createdAt, updatedAt };
}
