/** The element with this id. */
export function $(id) {
  return document.getElementById(id);
}

const NOTICE_MS = 6_000;
let noticeTimer;

/** Shows a sentence for some seconds, and reads it out. */
export function notify(sentence) {
  clearTimeout(noticeTimer);
  $('notice').textContent = sentence;
  $('notice').hidden = false;
  noticeTimer = setTimeout(() => ($('notice').hidden = true), NOTICE_MS);
}

/** Shows the chats, and which one is open. */
export function showChats(chats, currentId) {
  $('no-chats').hidden = chats.length > 0;
  $('chats').replaceChildren(
    ...chats.map(({ id, title, updatedAt }) => {
      const link = element('a', { href: `#/chats/${id}` }, title, element('small', {}, timeOf(updatedAt)));
      if (id === currentId) link.setAttribute('aria-current', 'page');
      return element('li', {}, link);
    }),
  );
}

/** Shows what a search found. */
export function showResults(results) {
  $('found').hidden = false;
  $('found-title').textContent = results.length === 0 ? 'Nothing found' : `${results.length} found`;
  $('results').replaceChildren(
    ...results.map(({ chatId, title, excerpt }) =>
      element('li', {}, element('a', { href: `#/chats/${chatId}` }, title, element('small', {}, excerpt))),
    ),
  );
}

/** Shows the figures of the dashboard. */
export function showFigures({ chats, messages, messagesToday, model }) {
  const figures = { Chats: chats, Messages: messages, 'Messages today': messagesToday, Model: model };
  $('figures').replaceChildren(
    ...Object.entries(figures).map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, String(value))),
    ),
  );
}

/** Shows one chat, or the start page without one. */
export function showChat(chat) {
  $('home').hidden = chat !== undefined;
  $('chat').hidden = chat === undefined;
  $('frame').dataset.open = String(chat !== undefined);
  document.title = chat === undefined ? 'Assistant' : `${chat.title} · Assistant`;
  if (chat === undefined) return;

  $('chat-title').textContent = chat.title;
  $('no-messages').hidden = chat.messages.length > 0;
  $('messages').replaceChildren();
  chat.messages.forEach(addMessage);
}

/** Adds a message to the open chat; returns the function that makes it longer. */
export function addMessage({ role, text, at }) {
  const words = element('p', {}, text);
  const author = element('span', { className: 'author' }, role === 'user' ? 'You' : 'Assistant');
  const head = element('div', { className: 'meta' }, author, element('small', {}, at === undefined ? '' : timeOf(at)));
  $('messages').append(element('li', { className: role }, head, words));
  $('no-messages').hidden = true;
  scrollDown();
  return (more) => {
    words.append(more);
    scrollDown();
  };
}

/** Shows who is signed in. */
export function showPerson({ user, role }) {
  $('person').hidden = false;
  $('person-name').textContent = typeof user === 'string' ? user : (user?.name ?? user?.id ?? '');
  $('person-role').textContent = role ?? '';
}

/** Shows whether live events arrive. */
export function showLive(state) {
  $('live').dataset.state = state;
  $('live').textContent = state === 'live' ? 'Live' : 'Reconnecting';
}

function element(name, properties, ...children) {
  const created = Object.assign(document.createElement(name), properties);
  // Always as text: a title or a message never becomes markup.
  created.append(...children);
  return created;
}

function timeOf(iso) {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

function scrollDown() {
  $('messages').scrollTop = $('messages').scrollHeight;
}
