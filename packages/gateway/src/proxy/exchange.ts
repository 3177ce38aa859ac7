import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { firstHeader, mayBeOtherSites } from '@steadygate/core';
import type { CanonicalRequest, Decision, DecisionRecord, EventSink, HeaderList, RouteMatch } from '@steadygate/core';
import type { Generation } from './generation.ts';
import type { RequestRecorder } from './deps.ts';
import type { IncomingBody } from './request-body.ts';
import { Stopwatch } from './stopwatch.ts';
import type { RequestTrace } from './tracing.ts';

/** A client that left before an answer, in the log only. */
const CLIENT_LEFT = 499;
/** How long the rest of an unread body is thrown away, so that the caller can still read its refusal. */
const LINGER_MS = 1_000;
const LINGER_BYTES_MAX = 4 * 1024 * 1024;

const ONE_PIECE_BYTES_MAX = 16 * 1024;

/** What an exchange starts with. */
export interface ExchangeStart {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly generation: Generation;
  readonly requestId: string;
  readonly startedMs: number;
  readonly events: EventSink;
  readonly recorder: RequestRecorder | undefined;
  readonly nowMs: () => number;
  /** A clock that never goes back, with fractions of milliseconds. */
  readonly monotonicMs: () => number;
}

/** A request whose guards have let it through. */
export interface Admitted {
  readonly request: CanonicalRequest;
  readonly match: RouteMatch;
  readonly decision: Decision;
  readonly body: IncomingBody;
}

/**
 * One request and its answer: what is known so far, one place that writes heads, and exactly one decision record.
 */
export class Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly generation: Generation;
  readonly requestId: string;
  readonly startedMs: number;
  readonly watch: Stopwatch;
  request: CanonicalRequest | undefined;
  match: RouteMatch | undefined;
  decision: Decision = { outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] };
  body: IncomingBody | undefined;
  trace: RequestTrace | undefined;
  answerBytes = 0;
  /** Forwarding fields came from a peer that is no listed proxy. */
  claimsForwarding = false;
  /** The answer closes the connection: what was sent after this request is none (RFC 9112 §9.6). */
  isLast = false;
  readonly #events: EventSink;
  readonly #recorder: RequestRecorder | undefined;
  readonly #nowMs: () => number;
  #isRecorded = false;
  #onLeave: (() => void) | undefined;
  #whenClosed: (() => void) | undefined;
  #stopLingering: (() => void) | undefined;

  constructor(start: ExchangeStart) {
    this.incoming = start.incoming;
    this.response = start.response;
    this.generation = start.generation;
    this.requestId = start.requestId;
    this.startedMs = start.startedMs;
    this.watch = new Stopwatch(start.monotonicMs);
    this.#events = start.events;
    this.#recorder = start.recorder;
    this.#nowMs = start.nowMs;
    // Each comes once; `once` would wrap its listener, on every request.
    this.response.on('close', () => this.#closed());
    this.response.on('error', ignore);
    this.response.on('prefinish', () => this.#handedOver());
  }

  /** Calls `closed` when the answer was sent or its connection is gone, after the record was made. One caller only. */
  whenClosed(closed: () => void): void {
    this.#whenClosed = closed;
  }

  get events(): EventSink {
    return this.#events;
  }

  get isOver(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /** Calls `leave` once when the exchange ends before `onLeave(undefined)`: its upstream side is no longer wanted. */
  onLeave(leave: (() => void) | undefined): void {
    this.#onLeave = leave;
    if (this.response.destroyed) leave?.();
  }

  /** Writes a head; false when the client is gone or a head was sent. `headers` is the whole set. */
  writeHead(status: number, headers: HeaderList): boolean {
    if (this.isOver || this.response.headersSent) return false;
    this.isLast ||= firstHeader(headers, 'connection') === 'close';
    // A copy in type only: Node reads the list and never writes to it.
    this.response.writeHead(status, headers as string[]);
    return true;
  }

  /** Ends the answer. A body that nobody read is thrown away for a moment, then the connection closes. */
  end(body?: Uint8Array): void {
    const content = this.incoming.method === 'HEAD' ? undefined : body;
    if (content !== undefined) this.answerBytes += content.length;
    const { complete, readableEnded } = this.incoming;
    if (complete || readableEnded || !this.hasUnreadBody()) {
      this.#finish(content);
      return;
    }
    // The length was declared, so the caller has its whole answer though the connection lingers (RFC 9112 §9.6).
    if (content !== undefined) this.response.write(content);
    else this.response.flushHeaders();
    this.#discardRest();
  }

  /** Node sends head and body in one piece only if both are text; Latin-1 keeps every byte. */
  #finish(content: Uint8Array | undefined): void {
    if (content === undefined || content.length === 0) this.response.end();
    else if (content.length > ONE_PIECE_BYTES_MAX) this.response.end(content);
    else
      this.response.end(Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1'), 'latin1');
  }

  /** Gives the connection away: what happens on it from now on is no answer of this exchange. */
  release(socket: Duplex): void {
    // Node's server passes the net or TLS socket itself; `Duplex` is only its declared type.
    this.response.detachSocket(socket as IncomingMessage['socket']);
  }

  /** The connection can no longer be read: says why if nothing was said yet, and closes it. */
  breakOff(problem: { readonly status: number; readonly headers: HeaderList; readonly body: Uint8Array }): void {
    const { socket } = this.incoming;
    if (this.writeHead(problem.status, [...problem.headers, 'connection', 'close'])) {
      this.response.end(problem.body, () => socket.destroy());
      return;
    }
    if (this.#stopLingering === undefined) socket.destroy();
    else this.#stopLingering();
  }

  /** Lets this answer come to its end, and the connection with it: nothing more is read from it. */
  endConnection(): void {
    if (this.isLast) return;
    this.isLast = true;
    this.response.shouldKeepAlive = false;
    const { socket } = this.incoming;
    this.response.once('finish', () => socket.destroySoon());
  }

  /** Whether bytes of the request may still come: the connection cannot serve another one. */
  hasUnreadBody(): boolean {
    return !this.incoming.complete && this.request?.bodyBytes !== 0;
  }

  /** Tells the sink, once, what became of the request; called at its end, or earlier for what stays open. */
  record(status?: number): void {
    if (this.#isRecorded) return;
    this.#isRecorded = true;
    const record = {
      requestId: this.requestId,
      atMs: this.startedMs,
      ...this.#subject(),
      ...this.#circumstances(),
      route: this.match?.route.policy.config,
      routePath: this.match?.route.policy.path,
      decision: this.decision,
      status: status ?? (this.response.headersSent ? this.response.statusCode : CLIENT_LEFT),
      durationMs: this.#nowMs() - this.startedMs,
      answerBytes: this.answerBytes,
      took: this.watch.stop(),
      ...(this.trace === undefined ? {} : { traceId: this.trace.traceId }),
    };
    this.#events.decided(record);
    this.trace?.end(record);
    if (this.#recorder !== undefined) this.#keep(record, this.#recorder);
  }

  /** The gate's own routes are not recorded: they take credentials. */
  #keep(record: DecisionRecord, recorder: RequestRecorder): void {
    const { request, match, body } = this;
    const isOwn = match !== undefined && match.route.policy.upstream === undefined && !match.route.policy.deny;
    if (request !== undefined && !isOwn) recorder.take({ record, request, body: body?.held });
  }

  /** A request without canonical form is recorded without what it claimed to be. */
  #subject(): Pick<DecisionRecord, 'method' | 'path' | 'clientAddress'> {
    if (this.request !== undefined) {
      const { method, path, clientAddress } = this.request;
      return { method, path, clientAddress };
    }
    return { method: '', path: '', clientAddress: this.incoming.socket.remoteAddress ?? '' };
  }

  /** What violations are judged by. */
  #circumstances(): Pick<DecisionRecord, 'mayBeOtherSites' | 'claimsForwarding'> {
    if (this.decision.denial?.violation === undefined || this.request === undefined) return {};
    return { mayBeOtherSites: mayBeOtherSites(this.request), claimsForwarding: this.claimsForwarding };
  }

  /** All was handed over. Who does not take it must not keep it, and a connection, for ever; progress pushes the end back. */
  #handedOver(): void {
    // What the client takes to read it is no time of the gate's.
    this.watch.stop();
    const { socket } = this.incoming;
    // Most answers fit in the system's buffers.
    if (socket.writableLength === 0) return;
    socket.setTimeout(this.generation.timeouts.bodyIdleMs);
    // Before Node's own listener, which sets the time for the next request.
    this.response.prependOnceListener('finish', () => socket.setTimeout(0));
  }

  #closed(): void {
    this.body?.stop();
    const leave = this.#onLeave;
    this.#onLeave = undefined;
    leave?.();
    this.record();
    this.#whenClosed?.();
  }

  #discardRest(): void {
    const { incoming, response } = this;
    this.body?.stop();
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      // What was not read would be taken for the next request.
      response.end(() => incoming.complete || incoming.socket.destroy());
    };
    this.#stopLingering = finish;
    const timer = setTimeout(finish, LINGER_MS);
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LINGER_BYTES_MAX) finish();
    });
    incoming
      .once('end', finish)
      .once('close', finish)
      .on('error', () => undefined);
    incoming.resume();
  }
}

/** Writing to a client that left is no failure of ours; `close` follows. */
function ignore(): void {}
