import { logOut, readSession, request, streamReply } from './api.js';
import { connectLive } from './live.js';
import { $, addMessage, notify, showChat, showChats, showFigures, showLive, showPerson, showResults } from './view.js';

const TYPING_MS = 3_000;

let chats = [];
let current;
// Chats whose reply this page reads itself: the same words also come as live events.
const replying = new Set();
// Replies that somebody else started, by message id.
const watched = new Map();
let typingSentAt = 0;
let typingTimer;

async function refreshChats() {
  ({ chats } = await request('GET', '/api/chats'));
  showChats(chats, current?.id);
}

async function refreshFigures() {
  showFigures(await request('GET', '/api/dashboard'));
}

async function openFromAddress() {
  const id = /^#\/chats\/([0-9a-f-]{36})$/.exec(location.hash)?.[1];
  closeRename();
  $('typing').textContent = '';
  watched.clear();
  await (id === undefined ? openHome() : openChat(id));
}

async function openHome() {
  current = undefined;
  showChat(undefined);
  showChats(chats, undefined);
  await refreshFigures();
}

async function openChat(id) {
  try {
    current = await request('GET', `/api/chats/${id}`);
  } catch (error) {
    location.hash = '#/';
    throw error;
  }
  showChat(current);
  showChats(chats, id);
  if (!replying.has(id)) $('text').focus();
}

async function createChat(form) {
  const chat = await request('POST', '/api/chats', { title: form.elements.title.value });
  form.reset();
  location.hash = `#/chats/${chat.id}`;
  await refreshChats();
}

async function searchChats(form) {
  const chatIds = chats.map(({ id }) => id);
  const { results } = await request('POST', '/api/search', { query: form.elements.query.value, chatIds });
  showResults(results);
}

async function renameChat(form) {
  const { title } = await request('PATCH', `/api/chats/${current.id}`, { title: form.elements.title.value });
  closeRename();
  $('chat-title').textContent = title;
  $('rename-open').focus();
  await refreshChats();
}

async function deleteChat() {
  await request('DELETE', `/api/chats/${current.id}`);
  location.hash = '#/';
  await refreshChats();
}

async function sendMessage(form) {
  const { id } = current;
  const text = form.elements.text.value.trim();
  if (text === '' || replying.has(id)) return;

  replying.add(id);
  form.reset();
  addMessage({ role: 'user', text });
  const grow = addMessage({ role: 'assistant', text: '' });
  try {
    await streamReply(id, text, grow);
  } catch (error) {
    if (form.elements.text.value === '') form.elements.text.value = text;
    throw error;
  } finally {
    replying.delete(id);
    await refreshOpenChat(id);
  }
}

async function refreshOpenChat(id) {
  await refreshChats();
  if (current?.id !== id) return;
  const chat = await request('GET', `/api/chats/${id}`);
  if (current?.id === id) showChat((current = chat));
}

const HANDLERS = {
  'chat.created': refreshChats,
  async 'chat.changed'({ chatId, title }) {
    if (current?.id === chatId) $('chat-title').textContent = title;
    await refreshChats();
  },
  async 'chat.deleted'({ chatId }) {
    if (current?.id === chatId) location.hash = '#/';
    await refreshChats();
  },
  async 'message.added'({ chatId, message }) {
    if (isWatching(chatId)) addMessage(message);
    await refreshChats();
  },
  async 'reply.token'({ chatId, messageId, text }) {
    if (!isWatching(chatId)) return;
    if (!watched.has(messageId)) watched.set(messageId, addMessage({ role: 'assistant', text: '' }));
    watched.get(messageId)(text);
  },
  async 'reply.done'({ chatId, messageId }) {
    watched.delete(messageId);
    if (isWatching(chatId)) await refreshOpenChat(chatId);
    if (current === undefined) await refreshFigures();
  },
  async typing({ chatId }) {
    if (current?.id !== chatId) return;
    clearTimeout(typingTimer);
    $('typing').textContent = 'Somebody is typing in another window';
    typingTimer = setTimeout(() => ($('typing').textContent = ''), TYPING_MS);
  },
  async error({ detail }) {
    notify(detail);
  },
};

function isWatching(chatId) {
  return current?.id === chatId && !replying.has(chatId);
}

function tellTyping(live) {
  if (current === undefined || Date.now() - typingSentAt < TYPING_MS) return;
  typingSentAt = Date.now();
  live.send({ type: 'typing', chatId: current.id });
}

function closeRename() {
  $('rename').hidden = true;
  $('rename-open').setAttribute('aria-expanded', 'false');
}

function openRename() {
  const isOpen = !$('rename').hidden;
  if (isOpen) return closeRename();
  $('rename').hidden = false;
  $('rename-open').setAttribute('aria-expanded', 'true');
  $('rename-title').value = $('chat-title').textContent;
  $('rename-title').select();
}

function onSubmit(id, act) {
  $(id).addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(() => act(event.target));
  });
}

// Every failure ends here, as a sentence for the person.
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    notify(error.message);
  }
}

function listenToPerson(live) {
  onSubmit('new-chat', createChat);
  onSubmit('search', searchChats);
  onSubmit('rename', renameChat);
  onSubmit('composer', sendMessage);
  $('clear-search').addEventListener('click', () => {
    $('search').reset();
    $('found').hidden = true;
    $('query').focus();
  });
  $('rename-open').addEventListener('click', openRename);
  $('rename').addEventListener('keydown', ({ key }) => key === 'Escape' && openRename());
  $('delete').addEventListener('click', () => {
    $('confirm').returnValue = '';
    $('confirm').showModal();
  });
  $('confirm').addEventListener('close', () => $('confirm').returnValue === 'delete' && void attempt(deleteChat));
  $('log-out').addEventListener('click', () => void attempt(logOut));
  $('text').addEventListener('input', () => tellTyping(live));
  $('text').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $('composer').requestSubmit();
  });
  addEventListener('hashchange', () => void attempt(openFromAddress));
}

async function start() {
  const live = connectLive({
    onEvent: (event) => void attempt(async () => HANDLERS[event.type]?.(event)),
    onState: showLive,
    onLost: () => attempt(refreshChats),
  });
  listenToPerson(live);
  await attempt(refreshChats);
  await attempt(openFromAddress);
  const session = await readSession();
  if (session !== undefined) showPerson(session);
}

await attempt(start);
