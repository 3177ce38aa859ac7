import { createServer } from 'node:http';
import type { Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HeaderList, Random } from '@steadygate/core';
import { rawProblem } from './answer-problem.ts';
import type { Connections } from './connections.ts';
import type { DataPlaneDeps } from './deps.ts';

/** Until a whole head has arrived, and for a TLS handshake. */
const HEAD_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const HEAD_BYTES_MAX = 16 * 1024;

const OPTIONS: ServerOptions = {
  httpValidation: 'strict',
  maxHeaderSize: HEAD_BYTES_MAX,
  // Bodies have their own clock (`requestBodyMs`): one for all would end uploads that make progress.
  requestTimeout: 0,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: KEEP_ALIVE_MS,
  noDelay: true,
  // Requests without a body get no stream, which costs as much as all guards. Nobody reads what is not there.
  optimizeEmptyRequests: true,
  // The canonicaliser answers for it, with our headers and request id.
  requireHostHeader: false,
  // Anything else than a WebSocket handshake is a request like any other, and refused like one.
  shouldUpgradeCallback: (incoming) => /^websocket$/i.test(incoming.headers.upgrade ?? ''),
};

/** RFC 9325 §4.2: forward secrecy and authenticated encryption only. */
const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  handshakeTimeout: HEAD_MS,
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
} as const;

/** What of its deps a server is made from. */
export type ServerSettings = Pick<DataPlaneDeps, 'tls' | 'requestHeadMs'>;

/** The HTTP server, strict about what it reads; it knows nothing of requests yet. */
export function createHttpServer({ tls, requestHeadMs = HEAD_MS }: ServerSettings): Server {
  const options = { ...OPTIONS, headersTimeout: requestHeadMs };
  const server = tls === undefined ? createServer(options) : createTlsServer({ ...options, ...TLS_OPTIONS, ...tls });
  // Header count is bounded by the canonicaliser, which refuses instead of cutting off in silence.
  server.maxHeadersCount = 0;
  return server;
}

/** What answers a connection that cannot be read any more. */
export interface Interruptions {
  readonly random: Random;
  /** Ends the request in progress on a connection; false when there is none. */
  interrupt(socket: Duplex): boolean;
  /** What every answer on this connection carries (SB9). */
  headers(socket: Duplex): HeaderList;
}

/** Admits connections and answers what never becomes a request. */
export function guardConnections(server: Server, connections: Connections, interruptions: Interruptions): void {
  server.on('connection', (socket: Socket) => connections.admit(socket));
  server.on('secureConnection', (socket: Socket) => connections.adopt(socket));
  // Before the handshake nothing can be answered: whoever never ends it must not keep the connection.
  server.on('tlsClientError', (_, socket) => socket.destroy());
  server.on('clientError', (error: Error, socket: Duplex) => {
    const code = 'code' in error ? error.code : undefined;
    if (code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (!interruptions.interrupt(socket)) refuseConnection(code, socket, interruptions);
  });
}

function refuseConnection(code: unknown, socket: Duplex, { random, headers }: Interruptions): void {
  socket.end(rawProblem(refusalOf(code), random.id(), headers(socket)), () => socket.destroy());
}

function refusalOf(code: unknown): 'head-too-large' | 'body-timeout' | 'request-malformed' {
  if (code === 'HPE_HEADER_OVERFLOW') return 'head-too-large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'body-timeout' : 'request-malformed';
}
