import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import type { App } from './app.ts';
import { TEXT_CHARS_MAX, converse } from './conversation.ts';
import { isRecord, textField } from './http.ts';
import { ProblemError } from './problem.ts';

const MESSAGE_BYTES_MAX = 64 * 1024;
const UNSENT_BYTES_MAX = 1024 * 1024;

/** The WebSocket side: every event goes to everybody, and chats can be written to. */
export class LiveSockets {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false });
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
    this.#server.on('connection', (socket) => this.#welcome(socket));
    app.events.subscribe(({ event }) => this.#broadcast(event));
  }

  /** Takes over an upgrade of `/ws`, and refuses every other. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (request.url?.split('?', 1)[0] !== '/ws') {
      stream.on('error', () => stream.destroy());
      return void stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#server.emit('connection', socket, request));
  }

  /** Says goodbye to everybody. */
  close(): void {
    for (const socket of this.#server.clients) socket.close(1001, 'The server is going away.');
  }

  #welcome(socket: WebSocket): void {
    socket.on('message', (data, isBinary) => void this.#receive(socket, isBinary ? undefined : data));
    // Without a listener, one broken frame or connection would end the process.
    socket.on('error', () => socket.terminate());
  }

  async #receive(socket: WebSocket, data: RawData | undefined): Promise<void> {
    const message = parse(data);
    try {
      await this.#obey(socket, message);
    } catch (error) {
      send(socket, toErrorMessage(error, message));
    }
  }

  async #obey(socket: WebSocket, message: unknown): Promise<void> {
    const type = isRecord(message) ? message['type'] : undefined;
    if (type !== 'say' && type !== 'typing') throw new ProblemError('bad-request', 'Send "say" or "typing".');

    const chat = this.#app.chats.find(textField(message, 'chatId', 36));
    if (chat === undefined) throw new ProblemError('not-found', 'There is no such chat.');
    if (type === 'typing') return this.#broadcast({ type: 'typing', chatId: chat.id }, socket);

    await converse(this.#app, { chat, text: textField(message, 'text', TEXT_CHARS_MAX) }, () => {});
  }

  #broadcast(message: unknown, except?: WebSocket): void {
    for (const socket of this.#server.clients) if (socket !== except) send(socket, message);
  }
}

function send(socket: WebSocket, message: unknown): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > UNSENT_BYTES_MAX) return socket.terminate();
  socket.send(JSON.stringify(message));
}

function parse(data: RawData | undefined): unknown {
  try {
    return data instanceof Buffer ? JSON.parse(data.toString()) : undefined;
  } catch {
    return undefined;
  }
}

function toErrorMessage(error: unknown, message: unknown): unknown {
  const chatId = isRecord(message) && typeof message['chatId'] === 'string' ? message['chatId'] : undefined;
  if (error instanceof ProblemError) return { type: 'error', chatId, code: error.code, detail: error.detail };

  console.error(error);
  return { type: 'error', chatId, code: 'internal', detail: 'The application failed to answer.' };
}
