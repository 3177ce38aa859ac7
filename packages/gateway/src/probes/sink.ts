import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';

/** A request that reached the sink. */
export interface SunkRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** What the sink answers. */
export interface SinkAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Breaks the connection instead. */
  readonly breaks?: boolean;
}

/** Stands where the application stands, on loopback, and keeps nothing: the only upstream that probes reach (T23). */
export interface Sink {
  readonly url: string;
  /** Requests of which anything arrived so far. */
  seen(): number;
  /** Requests that arrived to their last byte. */
  whole(): number;
  last(): SunkRequest | undefined;
  /** Answers like this while `during` runs. */
  answering<T>(answer: SinkAnswer, during: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const USUAL: SinkAnswer = { body: '{"ok":true}' };

/** Opens a sink on a free port. */
export async function openSink(): Promise<Sink> {
  let answer = USUAL;
  let count = 0;
  let complete = 0;
  let last: SunkRequest | undefined;
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    count += 1;
    last = { method, target: url, headers };
    const chosen = answer;
    incoming.resume().on('end', () => {
      complete += 1;
      reply(response, chosen);
    });
    incoming.on('error', () => undefined);
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => void socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    seen: () => count,
    whole: () => complete,
    last: () => last,
    async answering(next, during) {
      answer = next;
      try {
        return await during();
      } finally {
        answer = USUAL;
      }
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function reply(response: ServerResponse, { status = 200, headers = {}, body = '', breaks = false }: SinkAnswer): void {
  if (breaks) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}
