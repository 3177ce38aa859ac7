import { ProblemError } from '@steadygate/core';
import type { Reach, UpstreamCall, UpstreamHandler, UpstreamHead, UpstreamRequest } from '../upstream-client.ts';
import type { WrittenRequest } from './request-head.ts';

/** What a call is bound to while it runs: its connection, or the queue. */
export interface Carrier {
  pause(): void;
  resume(): void;
  /** The call ended before its answer did. */
  drop(call: Call): void;
}

/** One request and its answer. Guarantees the handler's order of calls, whatever connections or callers do. */
export class Call implements UpstreamCall {
  readonly request: UpstreamRequest;
  readonly written: WrittenRequest;
  carrier: Carrier | undefined;
  /** It may be sent once more: safe, without a body, and not yet repeated (RFC 9110 §9.2.2). */
  isRepeatable: boolean;
  reach: Reach = 'unsent';
  isPaused = false;
  isDone = false;
  readonly #handler: UpstreamHandler;

  constructor(request: UpstreamRequest, written: WrittenRequest, handler: UpstreamHandler) {
    this.request = request;
    this.written = written;
    this.isRepeatable = request.body === undefined && (request.method === 'GET' || request.method === 'HEAD');
    this.#handler = handler;
  }

  pause(): void {
    this.isPaused = true;
    if (!this.isDone) this.carrier?.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.isDone) this.carrier?.resume();
  }

  abort(): void {
    if (!this.isDone)
      this.fail(new ProblemError('upstream-failed', {}, { cause: new Error('The exchange was aborted.') }));
  }

  /** Ends it with a problem, once. */
  fail(problem: ProblemError): void {
    if (this.isDone) return;
    this.isDone = true;
    const { carrier } = this;
    this.carrier = undefined;
    carrier?.drop(this);
    this.#handler.onError(problem, this.reach);
  }

  head(head: UpstreamHead): void {
    if (!this.isDone) this.#handler.onHead(head);
  }

  data(bytes: Buffer): void {
    if (!this.isDone) this.#handler.onData(bytes);
  }

  end(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.carrier = undefined;
    this.#handler.onEnd();
  }
}
