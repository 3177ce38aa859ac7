/** A refused or failed request; `message` may be shown to the person. */
export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Sends a request and returns the JSON of the answer, or undefined where there is none. */
export async function request(method, path, body) {
  const response = await send(method, path, body);
  return response.status === 204 ? undefined : response.json();
}

/** Sends a message, and calls `onToken` with each piece of the reply as it comes. */
export async function streamReply(chatId, text, onToken) {
  const response = await send('POST', `/api/chats/${chatId}/messages`, { text });
  for await (const { event, data } of serverSentEvents(response.body)) {
    if (event === 'token') onToken(data.text);
  }
}

/** Who is signed in, or undefined where nobody asks: the application runs without a gate too. */
export async function readSession() {
  const response = await fetch('/auth/session', { headers: { accept: 'application/json' } });
  if (response.status === 401) goToLogIn();
  return response.ok && isJson(response) ? response.json() : undefined;
}

/** Ends the session and leaves the page. */
export async function logOut() {
  const session = await readSession();
  const headers = { 'x-csrf-token': session?.csrfToken ?? '' };
  const response = await fetch('/auth/logout', { method: 'POST', headers });
  if (!response.ok) throw new RequestError(response.status, 'Logging out failed. Try again.');
  location.assign('/auth/login');
}

async function send(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await reach(path, { method, headers, body: body && JSON.stringify(body) });
  if (response.ok) return response;

  if (response.status === 401) goToLogIn();
  throw new RequestError(response.status, await explain(response));
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (cause) {
    throw Object.assign(new RequestError(0, 'The server cannot be reached. Try again in a moment.'), { cause });
  }
}

async function explain(response) {
  if (response.status === 403) return 'You may not do that';
  if (!isJson(response)) return `The server answered ${response.status}.`;
  const { title, detail } = await response.json();
  return detail ?? title ?? `The server answered ${response.status}.`;
}

function isJson(response) {
  return /[/+]json\b/.test(response.headers.get('content-type') ?? '');
}

function goToLogIn() {
  location.assign('/auth/login?returnTo=/');
}

async function* serverSentEvents(body) {
  let unread = '';
  for await (const chunk of chunksOf(body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (unread + chunk).split('\n\n');
    unread = blocks.pop();
    yield* blocks.map(parseEvent).filter(({ data }) => data !== undefined);
  }
}

// Not every browser can loop over a stream itself.
async function* chunksOf(stream) {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

function parseEvent(block) {
  const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*: ?/, '')]));
  const data = fields.get('data');
  return { event: fields.get('event') ?? 'message', data: data === undefined ? undefined : JSON.parse(data) };
}
