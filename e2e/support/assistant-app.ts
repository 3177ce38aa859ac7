import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocket } from 'ws';

type Json = Readonly<Record<string, unknown>>;
type SentEvent = { readonly id: string; readonly event: string; readonly data: Json };
type Answer = { readonly status: number; readonly type: string | null; readonly body: Json };

/** The voice provider's key that the forked application knows. */
export const VOICE_KEY = 'voice_demo_for_the_test';

const SERVER = join(import.meta.dirname, '../../examples/assistant/server.ts');

/** Starts the assistant as a child process, with replies that hardly wait. */
export function forkAssistant(): ChildProcess {
  const { PORT: _, ...inherited } = process.env;
  const env = { ...inherited, ASSISTANT_TOKEN_DELAY_MS: '1', ASSISTANT_VOICE_API_KEY: VOICE_KEY };
  return fork(SERVER, { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Waits until the child listens. */
export async function originOf(forked: ChildProcess): Promise<string> {
  const [message] = await once(forked, 'message');
  return `http://127.0.0.1:${message.port}`;
}

/** The parts of a request that carry a JSON body. */
export function json(body: unknown): { readonly body: string; readonly headers: Record<string, string> } {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Reads the events of a finished stream; comments are left out. */
export function parseEvents(text: string): readonly SentEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = new Map(block.split('\n').map((line) => [line.split(': ', 1)[0], line.replace(/^\w*: /, '')]));
    const data = fields.get('data');
    if (data === undefined) return [];
    return [{ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) }];
  });
}

/** What a test does with a running assistant. */
export type AssistantClient = ReturnType<typeof assistantClient>;

/** Speaks to the assistant at `origin`. */
export function assistantClient(origin: string) {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(origin + path, { method: 'POST', ...json(body) });

  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(origin + path, { method, ...(body === undefined ? {} : json(body)) });
    const text = await response.text();
    const type = response.headers.get('content-type');
    return { status: response.status, type, body: text === '' ? {} : JSON.parse(text) };
  };

  return {
    post,
    call,
    newChat: async (title: string) => String((await call('POST', '/api/chats', { title })).body['id']),
    listedIds: async (): Promise<readonly unknown[]> => {
      const { body } = await call('GET', '/api/chats');
      return Array.isArray(body['chats']) ? body['chats'].map(({ id }) => id) : [];
    },
    openEvents: (path: string, init: RequestInit = {}) => openEvents(origin + path, init),
    openSocket: () => openSocket(`${origin.replace('http', 'ws')}/ws`),
  };
}

async function openEvents(url: string, init: RequestInit) {
  const abort = new AbortController();
  const response = await fetch(url, { ...init, signal: abort.signal });
  const received = inbox<SentEvent>();
  const ended = readEvents(response, received.add).catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return { ...received, ended, close: () => abort.abort() };
}

async function readEvents(response: Response, add: (event: SentEvent) => void): Promise<void> {
  let unread = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const blocks = (unread + decoder.decode(chunk, { stream: true })).split('\n\n');
    unread = blocks.pop() ?? '';
    blocks.flatMap(parseEvents).forEach(add);
  }
}

async function openSocket(url: string) {
  const socket = new WebSocket(url);
  const received = inbox<Json>();
  socket.on('message', (data) => {
    if (data instanceof Buffer) received.add(JSON.parse(data.toString()));
  });
  await once(socket, 'open');
  return {
    ...received,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    close: () => socket.close(),
  };
}

/** Collects what arrives, and lets a test wait for one of it. */
function inbox<Item>() {
  const seen: Item[] = [];
  const waiting = new Set<() => void>();
  const add = (item: Item): void => {
    seen.push(item);
    waiting.forEach((check) => check());
  };
  const until = (isIt: (item: Item) => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => void (seen.some(isIt) && resolve());
    waiting.add(check);
    check();
    return promise;
  };
  return { seen, add, until };
}
