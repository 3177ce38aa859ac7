import { ProblemError } from '@steadygate/core';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { WebSocket } from 'ws';
import { unsendableReason } from './sendable.ts';
import { openUpstreamSocket } from './upstream-socket.ts';
import type {
  UpstreamCall,
  UpstreamClient,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamSocketRequest,
} from './upstream-client.ts';
import { UpstreamExchange } from './upstream-exchange.ts';

/** How one upstream is reached. */
export interface UndiciClientOptions {
  readonly connectMs: number;
  /** Connections to the upstream at once; streams hold one each. */
  readonly connectionsMax: number;
}

/** An `UpstreamClient` over undici: keep-alive, HTTP/1.1 without pipelining, raw headers both ways. */
export function createUndiciClient(url: URL, options: UndiciClientOptions): UpstreamClient {
  const pool = new Pool(url.origin, {
    allowH2: false,
    connections: options.connectionsMax,
    connect: { timeout: options.connectMs },
    pipelining: 1,
    // Idle time-outs are the pump's: undici cannot tell an event stream from a stuck answer before its head.
    bodyTimeout: 0,
    maxHeaderSize: 32 * 1024,
  });
  return {
    dispatch: (request, handler) => dispatch({ pool, queueMs: options.connectMs }, request, handler),
    openSocket: (request: UpstreamSocketRequest): WebSocket => openUpstreamSocket(url, request),
    close: () => pool.close(),
  };
}

interface Route {
  readonly pool: Pool;
  readonly queueMs: number;
}

function dispatch(route: Route, request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
  const reason = unsendableReason(request);
  const isRepeatable = request.body === undefined && (request.method === 'GET' || request.method === 'HEAD');
  const exchange = new UpstreamExchange(handler, isRepeatable ? () => send(route, request, exchange) : undefined);
  if (reason === undefined) send(route, request, exchange);
  else exchange.fail(new ProblemError('request-malformed', {}, { cause: new Error(`Not sendable: ${reason}`) }));
  return exchange;
}

function send({ pool, queueMs }: Route, request: UpstreamRequest, exchange: UpstreamExchange): void {
  const options: Dispatcher.DispatchOptions = {
    path: request.target,
    method: request.method,
    // A copy in type only: undici reads the list and never writes to it.
    headers: request.headers as string[],
    body: request.body ?? null,
    headersTimeout: request.timeouts.headersMs,
  };
  try {
    const hasRoom = pool.dispatch(options, exchange);
    // Only a full pool lets requests wait, and only then is a timer worth its cost.
    if (!hasRoom) exchange.limitWait(queueMs + request.timeouts.headersMs);
  } catch (cause) {
    exchange.fail(new ProblemError('internal', {}, { cause }));
  }
}
