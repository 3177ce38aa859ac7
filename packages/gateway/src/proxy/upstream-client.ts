import type { Readable } from 'node:stream';
import type { HeaderList, ProblemError } from '@steadygate/core';
import type { WebSocket } from 'ws';
import type { Timeouts } from './generation.ts';
import type { RequestTrace } from './tracing.ts';

/** What goes up. Every part was judged before: the client sends it byte for byte or refuses it. */
export interface UpstreamRequest {
  readonly method: string;
  /** Origin form (RFC 9112 §3.2.1): canonical path and query. */
  readonly target: string;
  /** The whole set, framing excepted; `content-length` only when the client declared one. */
  readonly headers: HeaderList;
  readonly body: Uint8Array | Readable | undefined;
  readonly timeouts: Pick<Timeouts, 'headersMs'>;
  /** Follows each attempt; a target is told of its own. */
  readonly trace?: Pick<RequestTrace, 'attempt'> | undefined;
}

/** The head of an upstream's final answer. Interim answers (1xx) never get here: they are dropped. */
export interface UpstreamHead {
  readonly status: number;
  /** As received, names in lower case. */
  readonly headers: HeaderList;
}

/**
 * How far a failed request came. `unsent`: not one byte of it was written and its body is untouched, so it may be sent
 * elsewhere whatever its method. `sent`: it may have had its effect.
 */
export type Reach = 'unsent' | 'sent';

/** Takes an answer as it arrives. Exactly one of `onEnd` and `onError` is called, once and last. */
export interface UpstreamHandler {
  onHead(head: UpstreamHead): void;
  onData(chunk: Buffer): void;
  /** Trailers are dropped on purpose: they were declared to nobody, and no guard judges them. */
  onEnd(): void;
  /** `upstream-failed`, `upstream-timeout`, `unavailable`; after `abort()`, whatever the abort gave. */
  onError(problem: ProblemError, reach: Reach): void;
}

/** A request on its way. Every method may be called at any time, also after the end. */
export interface UpstreamCall {
  /** Stops reading: the upstream feels it through TCP. */
  pause(): void;
  resume(): void;
  /** Ends the exchange and its connection, also while it still waits for one. */
  abort(): void;
}

/** Opens a WebSocket upstream. */
export interface UpstreamSocketRequest {
  readonly target: string;
  readonly headers: HeaderList;
  readonly protocols: readonly string[];
  readonly messageBytesMax: number;
  readonly timeouts: Pick<Timeouts, 'headersMs'>;
  readonly trace?: Pick<RequestTrace, 'attempt'> | undefined;
}

/** Talks to one upstream. A narrow interface, so that a faster client can take its place. */
export interface UpstreamClient {
  /** Sends one request. Never throws: what cannot be sent comes back through `onError`. Unsafe requests are never repeated. */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall;
  /** A socket that is still connecting. Redirects are not followed, compression is not offered. */
  openSocket(request: UpstreamSocketRequest): WebSocket;
  /** Lets running exchanges end, then closes; new ones are refused. */
  close(): Promise<void>;
}
