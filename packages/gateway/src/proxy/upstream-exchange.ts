import { ProblemError } from '@steadygate/core';
import type { HeaderList } from '@steadygate/core';
import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import type { Reach, UpstreamCall, UpstreamHandler } from './upstream-client.ts';

type Controller = Dispatcher.DispatchController;

/** One exchange as undici sees it. Guarantees the handler's order of calls, whatever undici or the caller does. */
export class UpstreamExchange implements Dispatcher.DispatchHandler, UpstreamCall {
  readonly #handler: UpstreamHandler;
  #repeat: (() => void) | undefined;
  #controller: Controller | undefined;
  #waitTimer: NodeJS.Timeout | undefined;
  #reach: Reach = 'unsent';
  #hasHead = false;
  #isPaused = false;
  #isDone = false;

  /** @param repeat sends a safe request once more; undefined for all others. */
  constructor(handler: UpstreamHandler, repeat: (() => void) | undefined) {
    this.#handler = handler;
    this.#repeat = repeat;
  }

  /** Ends the wait for a free connection. */
  limitWait(waitMs: number): void {
    if (this.#controller !== undefined || this.#isDone) return;
    this.#waitTimer = setTimeout(() => this.fail(new ProblemError('unavailable', { retryAfterSeconds: 1 })), waitMs);
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#hasHead && !this.#isDone) this.#controller?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#hasHead && !this.#isDone) this.#controller?.resume();
  }

  abort(): void {
    this.fail(new ProblemError('upstream-failed', {}, { cause: new Error('The exchange was aborted.') }));
  }

  /** Ends the exchange with a problem, once. */
  fail(problem: ProblemError): void {
    if (!this.#finish()) return;
    this.#controller?.abort(new errors.RequestAbortedError());
    this.#handler.onError(problem, this.#reach);
  }

  onRequestStart(controller: Controller): void {
    clearTimeout(this.#waitTimer);
    this.#controller = controller;
    this.#reach = 'sent';
    // It was given up while it waited for a connection.
    if (this.#isDone) controller.abort(new errors.RequestAbortedError());
  }

  onResponseStart(controller: Controller, status: number): void {
    // RFC 9110 §15.2: interim answers may be dropped by a proxy; early hints would name resources nobody has judged.
    if (this.#isDone || status < 200) return;
    this.#hasHead = true;
    this.#handler.onHead({ status, headers: lowerCased(controller.rawHeaders) });
    if (this.#isPaused) controller.pause();
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (!this.#isDone) this.#handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#finish()) this.#handler.onEnd();
  }

  onResponseError(_controller: Controller, cause: Error): void {
    if (this.#isDone) return;
    const repeat = this.#repeat;
    // RFC 9110 §9.2.2: a kept-alive connection may close as a request leaves; only a safe one is sent once more.
    if (repeat !== undefined && !this.#hasHead && isClosedConnection(cause)) {
      this.#repeat = undefined;
      this.#controller = undefined;
      repeat();
      return;
    }
    if (this.#finish()) this.#handler.onError(toProblem(cause), this.#reach);
  }

  #finish(): boolean {
    if (this.#isDone) return false;
    this.#isDone = true;
    clearTimeout(this.#waitTimer);
    return true;
  }
}

function isClosedConnection(cause: Error): boolean {
  return cause instanceof errors.SocketError || ('code' in cause && cause.code === 'ECONNRESET');
}

function toProblem(cause: Error): ProblemError {
  if (cause instanceof ProblemError) return cause;
  // A problem that ended the request's body travels inside undici's own error.
  if (cause.cause instanceof ProblemError) return cause.cause;
  if (cause instanceof errors.ClientClosedError || cause instanceof errors.ClientDestroyedError) {
    return new ProblemError('unavailable', {}, { cause });
  }
  const isLate =
    cause instanceof errors.HeadersTimeoutError ||
    cause instanceof errors.BodyTimeoutError ||
    cause instanceof errors.ConnectTimeoutError;
  return new ProblemError(isLate ? 'upstream-timeout' : 'upstream-failed', {}, { cause });
}

function lowerCased(raw: Controller['rawHeaders']): HeaderList {
  if (!Array.isArray(raw)) return [];
  return raw.map((part, at) => {
    const text = typeof part === 'string' ? part : part.toString('latin1');
    return at % 2 === 0 ? text.toLowerCase() : text;
  });
}
