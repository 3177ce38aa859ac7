import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { allHeaders, ProblemError } from '@steadygate/core';
import type { CanonicalRequest, HeaderList } from '@steadygate/core';
import { WebSocketServer } from 'ws';
import type { Admitted, Exchange } from './exchange.ts';
import { identityHeaders, outgoingHeaders, targetOf, upstreamOf } from './forward.ts';
import type { Proceed } from './handle.ts';
import { answerFailure } from './own-answer.ts';
import type { Plane } from './plane.ts';
import { unsendableReason } from './sendable.ts';
import { MESSAGE_BYTES_MAX, SocketRelay } from './socket-relay.ts';
import type { OpenSocket } from '../upstreams/socket-opening.ts';

/** The raw side of an upgrade. */
export interface RawUpgrade {
  readonly socket: Duplex;
  /** Bytes that came after the head. */
  readonly head: Buffer;
}

interface Opening {
  readonly exchange: Exchange;
  readonly admitted: Admitted;
  readonly nowMs: number;
  readonly raw: RawUpgrade;
}

interface Accepted {
  readonly protocol: string;
  readonly headers: HeaderList;
}

/** Opens WebSockets: upstream first, so that a client is only let in when there is somebody to talk to. */
export function createSocketGate(plane: Plane): (raw: RawUpgrade) => Proceed {
  const accepted = new WeakMap<IncomingMessage, Accepted>();
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // T7: compressed messages of several owners would leak their contents by their sizes.
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    handleProtocols: (_offered, incoming) => accepted.get(incoming)?.protocol || false,
  });
  acceptor.on('headers', (lines, incoming) => {
    const headers = accepted.get(incoming)?.headers ?? [];
    for (let at = 0; at + 1 < headers.length; at += 2) lines.push(`${headers[at] ?? ''}: ${headers[at + 1] ?? ''}`);
  });
  const accept = (opening: Opening, { socket: upstream, target }: OpenSocket): void => {
    const { exchange, admitted, raw } = opening;
    const headers = [...admitted.decision.answerHeaders, 'x-request-id', exchange.requestId];
    accepted.set(exchange.incoming, { protocol: upstream.protocol, headers });
    exchange.onLeave(undefined);
    exchange.release(raw.socket);
    let isAccepted = false;
    acceptor.handleUpgrade(exchange.incoming, raw.socket, raw.head, (client) => {
      isAccepted = true;
      exchange.record(101);
      const { generation } = exchange;
      void new SocketRelay(plane, { client, upstream, target, admitted, generation });
    });
    // It answers at once; whom it turns away needs no upstream.
    if (!isAccepted) upstream.terminate();
  };
  return (raw) => (exchange, admitted, nowMs) => open(plane, { exchange, admitted, nowMs, raw }, accept);
}

async function open(
  plane: Plane,
  opening: Opening,
  accept: (opening: Opening, upstream: OpenSocket) => void,
): Promise<void> {
  const { exchange, admitted } = opening;
  const { policy } = admitted.match.route;
  // The guards refuse it before (SB11): a socket on any other route would pass what judges requests.
  if (!policy.websocket || policy.deny || admitted.match.operation === 'undeclared')
    throw new ProblemError('not-found');
  const upstream = await connect(plane, opening);
  if (upstream === undefined) return;
  if (exchange.isOver) upstream.socket.terminate();
  else accept(opening, upstream);
}

/** The upstream's socket, open and paused; undefined when the client left or was refused. */
async function connect(plane: Plane, { exchange, admitted, nowMs }: Opening): Promise<OpenSocket | undefined> {
  const upstream = upstreamOf(exchange, admitted);
  const identity = await identityHeaders(plane, { exchange, admitted, nowMs }, upstream);
  const { trace } = exchange;
  const headers = withoutHandshake(outgoingHeaders(admitted, { upstream, identity, rule: { rewritten: true }, trace }));
  const target = targetOf(admitted.request);
  const reason = unsendableReason({ method: 'GET', target, headers });
  if (reason !== undefined) throw new ProblemError('request-malformed', {}, { cause: new Error(reason) });
  if (exchange.isOver) return undefined;
  exchange.watch.sent(upstream.name);
  const opening = upstream.pool.openSocket({
    target,
    headers,
    protocols: protocolsOf(admitted.request),
    messageBytesMax: MESSAGE_BYTES_MAX,
    timeouts: exchange.generation.timeouts,
    trace,
  });
  exchange.onLeave(() => opening.abort());
  try {
    const opened = await opening.opened;
    exchange.watch.answered();
    return opened;
  } catch (cause) {
    exchange.watch.back();
    exchange.onLeave(undefined);
    answerFailure(exchange, cause);
    return undefined;
  }
}

/** The two handshakes are of their own: keys, versions and extensions of one mean nothing to the other. */
function withoutHandshake(headers: HeaderList): HeaderList {
  return headers.filter((_, at) => !(headers[at - (at % 2)] ?? '').startsWith('sec-websocket-'));
}

/** RFC 6455 §4.1: tokens, each once. What is none makes the handshake invalid. */
function protocolsOf({ headers }: CanonicalRequest): readonly string[] {
  // All lines count: the acceptor joins them, and what it refuses would leave the upstream's socket open.
  const offered = allHeaders(headers, 'sec-websocket-protocol');
  const protocols = offered.flatMap((line) => line.split(',')).map((protocol) => protocol.trim());
  const isValid = protocols.every((protocol) => /^[!#$%&'*+\-.^_`|~\dA-Za-z]{1,64}$/.test(protocol));
  if (isValid && protocols.length <= 16 && new Set(protocols).size === protocols.length) return protocols;
  throw new ProblemError('request-malformed', { detail: 'The list of WebSocket protocols is malformed.' });
}
