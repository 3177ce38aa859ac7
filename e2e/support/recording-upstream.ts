import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it reached an application, to the last byte of its head. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** As received: `[name, value, …]`. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Answers one request; its body has been read. */
export type Handler = (seen: SeenRequest, response: ServerResponse, incoming: IncomingMessage) => void;

/** An application that remembers everything that reached it, and answers as the test says. */
export interface RecordingUpstream {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** Forgets what it has seen. */
  forget(): void;
  /** From now on answers in this way. */
  answerWith(handler: Handler): void;
  /** Stops listening; every connection breaks. */
  close(): Promise<void>;
}

/** Answers 200 with a small JSON object. */
export const plainAnswer: Handler = (_seen, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
};

/** Answers with a status and JSON text. */
export function jsonAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_seen, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** Starts one on a free port. */
export async function startRecordingUpstream(initial: Handler = plainAnswer): Promise<RecordingUpstream> {
  let handler = initial;
  let seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('latin1');
    incoming.on('data', (chunk: string) => {
      body += chunk;
    });
    incoming.on('error', () => undefined);
    incoming.once('end', () => {
      const { method = '', url: target = '', rawHeaders } = incoming;
      const request = { method, target, rawHeaders, body };
      seen.push(request);
      handler(request, response, incoming);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a TCP port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get seen() {
      return seen;
    },
    forget: () => {
      seen = [];
    },
    answerWith: (next) => {
      handler = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Every value of a field that reached the application, its name in any case. */
export function valuesOf(request: SeenRequest | undefined, name: string): readonly string[] {
  const raw = request?.rawHeaders ?? [];
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}
