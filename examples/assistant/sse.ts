import type { ServerResponse } from 'node:http';
import type { App } from './app.ts';
import type { NumberedEvent } from './events.ts';
import type { Call } from './http.ts';

const HEARTBEAT_MS = 25_000;
const UNSENT_BYTES_MAX = 1024 * 1024;

/** One server-sent event; `data` is sent as JSON, which never holds a line break. */
export type ServerSentEvent = { readonly id?: number; readonly event?: string; readonly data: unknown };

/** Opens an event stream. A HEAD request gets the headers and the end. */
export function openStream({ request, response }: Call): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  if (request.method === 'HEAD') return void response.end();
  response.flushHeaders();
}

/** Sends one event. A reader that leaves 1 MiB unread is cut off, or it would fill the memory. */
export function sendEvent(response: ServerResponse, { id, event, data }: ServerSentEvent): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.writableLength > UNSENT_BYTES_MAX) return void response.destroy();

  const idLine = id === undefined ? '' : `id: ${id}\n`;
  const eventLine = event === undefined ? '' : `event: ${event}\n`;
  response.write(`${idLine}${eventLine}data: ${JSON.stringify(data)}\n\n`);
}

/**
 * Streams workspace events until the reader leaves, after replaying what it missed since its `Last-Event-ID`.
 *
 * With a `chatId`, only that chat's events; the stream ends when the chat is deleted.
 */
export function streamEvents(app: App, call: Call, chatId?: string): void {
  openStream(call);
  if (call.response.writableEnded) return;

  const send = ({ number, event }: NumberedEvent): void => {
    if (chatId !== undefined && event.chatId !== chatId) return;
    sendEvent(call.response, { id: number, data: event });
    if (chatId !== undefined && event.type === 'chat.deleted') call.response.end();
  };
  app.events.after(lastEventNumber(call)).forEach(send);
  keepOpen(call.response, app.events.subscribe(send));
}

// Without the header there is nothing to replay; a number of an earlier run of this process counts as up to date.
function lastEventNumber({ request }: Call): number {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : Number.POSITIVE_INFINITY;
}

function keepOpen(response: ServerResponse, unsubscribe: () => void): void {
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
}
