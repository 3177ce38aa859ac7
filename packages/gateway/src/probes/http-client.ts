import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as plain } from 'node:http';
import { Agent as TlsAgent, request as secure } from 'node:https';

const ANSWER_MS_MAX = 4_000;
const ANSWER_BYTES_MAX = 256 * 1024;
const SOCKETS_MAX = 16;

export type ProbeHeaders = Readonly<Record<string, string>>;

/** A request as a probe sends it: path and fields go out as they are written. */
export interface ProbeRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: ProbeHeaders;
  readonly body?: string;
}

/** What came back. Redirects are not followed. */
export interface ProbeAnswer {
  /** 101 when an upgrade was let through; the connection is then closed. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: readonly string[];
  readonly body: string;
}

/** Sends requests to one listener. */
export interface ProbeClient {
  send(request: ProbeRequest): Promise<ProbeAnswer>;
}

/** Where requests go, and what each of them carries. */
export interface ProbeTarget {
  readonly url: URL;
  readonly headers: ProbeHeaders;
}

/** A client with connections of its own. */
export interface OwnedClient extends ProbeClient {
  close(): void;
}

/** A client for one listener. Certificates are for the public name, and this is the machine itself: they are not judged. */
export function probeClient({ url, headers }: ProbeTarget): OwnedClient {
  const isTls = url.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: SOCKETS_MAX };
  const agent = isTls ? new TlsAgent({ ...options, rejectUnauthorized: false }) : new Agent(options);
  const begin = isTls ? secure : plain;
  return {
    send: ({ method = 'GET', path, headers: own = {}, body }) => {
      const outgoing = begin({
        agent,
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        method,
        path,
        headers: { ...headers, ...own },
        timeout: ANSWER_MS_MAX,
      });
      return answerOf(outgoing, body);
    },
    close: () => agent.destroy(),
  };
}

/** The same client with further fields on every request. */
export function withHeaders(client: ProbeClient, headers: ProbeHeaders): ProbeClient {
  return { send: (request) => client.send({ ...request, headers: { ...headers, ...request.headers } }) };
}

function answerOf(outgoing: ClientRequest, body: string | undefined): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', (incoming) => void readAll(incoming).then(resolve, reject));
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      resolve(toAnswer(incoming, ''));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAll(incoming: IncomingMessage): Promise<ProbeAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    // Node's streams of sockets give buffers.
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes <= ANSWER_BYTES_MAX) chunks.push(part);
  }
  return toAnswer(incoming, Buffer.concat(chunks).toString('utf8'));
}

function toAnswer({ statusCode = 0, headers }: IncomingMessage, body: string): ProbeAnswer {
  return { status: statusCode, headers, cookies: headers['set-cookie'] ?? [], body };
}

/** The parsed body of a JSON answer; undefined when it is none. */
export function jsonOf({ body }: Pick<ProbeAnswer, 'body'>): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** A text member of a JSON answer; empty when it is absent or something else. */
export function textOf(answer: ProbeAnswer, member: string): string {
  const value: unknown = jsonOf(answer);
  if (typeof value !== 'object' || value === null) return '';
  // An object, whose members may be anything.
  const found = (value as Readonly<Record<string, unknown>>)[member];
  return typeof found === 'string' ? found : '';
}

/** The fields of a WebSocket handshake (RFC 6455 §4.1). */
export const HANDSHAKE: ProbeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'c3RlYWR5Z2F0ZS1wcm9iZQ==',
};
