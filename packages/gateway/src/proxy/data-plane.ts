import type { IncomingMessage, Server } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { CONNECTION_LIMITS, Connections } from './connections.ts';
import type { DataPlaneDeps } from './deps.ts';
import type { Exchange } from './exchange.ts';
import type { Generation } from './generation.ts';
import { beginExchange, judgeArrival } from './handle.ts';
import type { Arrival, Proceed } from './handle.ts';
import type { Plane } from './plane.ts';
import { pooledRandom } from './pooled-random.ts';
import { proceed } from './proceed.ts';
import { Pulse } from './pulse.ts';
import { RunningExchanges } from './running-exchanges.ts';
import { createHttpServer, guardConnections } from './server.ts';
import { assertFresh } from './staleness.ts';
import { StreamShares } from './stream-shares.ts';
import { Streams } from './streams.ts';
import { createSocketGate } from './websocket.ts';

/** What is open now, and what was dropped since the start. */
export interface DataPlaneCounts {
  readonly connections: number;
  readonly sockets: number;
  readonly streams: number;
  readonly messagesDropped: { readonly up: number; readonly down: number };
}

/** The running data plane. The caller listens, and tells it of reloads and ended sessions. */
export interface DataPlane {
  readonly server: Server;
  /** Sockets and event streams that are open. */
  readonly streams: Streams;
  counts(): DataPlaneCounts;
  /** After a reload: ends the streams that the new generation no longer lets be (T11). */
  reauthorise(generation: Generation): Promise<void>;
  /** Takes no new requests, ends streams, lets running requests finish within `timeouts.drainMs`, then closes. */
  drain(): Promise<void>;
}

/** Puts the data plane together; it opens no port by itself. */
export function createDataPlane(deps: DataPlaneDeps): DataPlane {
  const streams = new Streams({
    nowMs: () => deps.clock.nowMs(),
    current: () => deps.state.current(),
    credentialEndMs: deps.credentialEndMs,
    isBlocked: (principal) => deps.isBlocked?.(principal) === true,
  });
  const plane: Plane = {
    deps,
    ids: pooledRandom(deps.random),
    monotonicMs: deps.monotonicMs ?? (() => deps.clock.nowMs()),
    pulse: new Pulse(),
    streams,
    shares: new StreamShares(),
    dropped: { up: 0, down: 0 },
  };
  const limits = { ...CONNECTION_LIMITS, ...deps.connectionLimits };
  const connections = new Connections(limits, deps.isTrustedPeer ?? (() => false));
  const server = createHttpServer(deps);
  serve(plane, server, connections);
  return {
    server,
    streams,
    counts: () => ({ connections: connections.openCount, ...streams.counts(), messagesDropped: { ...plane.dropped } }),
    reauthorise: (generation) => streams.reauthorise(generation),
    drain: () => drain(plane, server, connections),
  };
}

function serve(plane: Plane, server: Server, connections: Connections): void {
  const running = new RunningExchanges();
  const begin = (arrival: Arrival): Exchange => {
    const { socket } = arrival.incoming;
    connections.busy(socket);
    const exchange = beginExchange(plane, arrival);
    running.begin(socket, exchange, () => connections.idle(socket));
    return exchange;
  };
  const freshly = (go: Proceed): Proceed => {
    const { staleMs } = plane.deps;
    if (staleMs === undefined) return go;
    return (exchange, admitted, nowMs) => {
      assertFresh(admitted, staleMs());
      return go(exchange, admitted, nowMs);
    };
  };
  const handle = (arrival: Arrival): void => {
    if (running.isClosing(arrival.incoming.socket)) return;
    judgeArrival(plane, begin(arrival), {
      arrival,
      proceed: freshly((exchange, admitted, nowMs) => proceed(plane, exchange, { admitted, nowMs })),
    });
  };
  server.on('request', (incoming, response) => handle({ incoming, response, expectsContinue: false }));
  server.on('checkContinue', (incoming, response) => handle({ incoming, response, expectsContinue: true }));
  // The canonicaliser refuses every other expectation.
  server.on('checkExpectation', (incoming, response) => handle({ incoming, response, expectsContinue: false }));
  const openSocket = createSocketGate(plane);
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Pipelined behind a request whose answer still needs this connection: two would write on it, so neither does.
    if (running.isBusy(socket)) {
      socket.destroy();
      return;
    }
    const response = responseOn(incoming, socket);
    const arrival = { incoming, response, expectsContinue: false };
    judgeArrival(plane, begin(arrival), { arrival, proceed: freshly(openSocket({ socket, head })) });
  });
  guardConnections(server, connections, {
    random: plane.deps.random,
    interrupt: (socket) => running.interrupt(socket),
    headers: (socket) => {
      const { securityHeaders } = plane.deps.state.current();
      return 'encrypted' in socket ? securityHeaders.https : securityHeaders.http;
    },
  });
}

/** Refusals of upgrades are written like all others. */
function responseOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(incoming);
  response.shouldKeepAlive = false;
  // Node's server passes the net or TLS socket itself; `Duplex` is only its declared type.
  response.assignSocket(socket as IncomingMessage['socket']);
  socket.on('error', () => socket.destroy());
  response.once('finish', () => response.socket?.destroySoon());
  return response;
}

const DRAIN_STEP_MS = 50;

async function drain(plane: Plane, server: Server, connections: Connections): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  plane.streams.closeAll('drain');
  // Connections that fall idle from now on are not kept for another request.
  const sweep = setInterval(() => connections.close('idle'), DRAIN_STEP_MS);
  const limit = setTimeout(() => connections.close('all'), plane.deps.state.current().timeouts.drainMs);
  connections.close('idle');
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
  plane.streams.stop();
  plane.pulse.stop();
}
