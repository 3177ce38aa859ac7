import { firstHeader, isRepeatable, ProblemError } from '@steadygate/core';
import type { Reach, UpstreamCall, UpstreamHandler, UpstreamHead, UpstreamRequest } from '../proxy/upstream-client.ts';
import type { AttemptTrace } from '../proxy/tracing.ts';
import { withHost } from './host-field.ts';
import { judgeAttempt } from './judge-target.ts';
import type { UpstreamPool } from './pool.ts';
import type { Target } from './target.ts';
import type { Waiter } from './upstream-state.ts';

/** One request on its way through a pool: waits for its place, goes to a target and, if that may be, to another one. */
export class PooledCall implements UpstreamHandler, UpstreamCall, Waiter {
  readonly #pool: UpstreamPool;
  readonly #request: UpstreamRequest;
  readonly #handler: UpstreamHandler;
  #target: Target | undefined;
  #attempt: AttemptTrace | undefined;
  #inner: UpstreamCall | undefined;
  /** Of the attempt that runs. */
  #ejections = 0;
  /** Targets of attempts that failed; made when the first one did. */
  #tried: readonly Target[] | undefined;
  #round = 0;
  #hasHead = false;
  /** The answer's status has said what there is to say of the target. */
  #isJudged = false;
  #isPaused = false;
  #isAborted = false;
  #isDone = false;

  constructor(pool: UpstreamPool, request: UpstreamRequest, handler: UpstreamHandler) {
    this.#pool = pool;
    this.#request = request;
    this.#handler = handler;
  }

  proceed(round: number): void {
    this.#round = round;
    this.#send(this.#pool.choose());
  }

  refuse(problem: ProblemError): void {
    this.#isDone = true;
    this.#handler.onError(problem, 'unsent');
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#inner?.resume();
  }

  abort(): void {
    if (this.#isDone || this.withdraw()) return;
    this.#isAborted = true;
    this.#inner?.abort();
  }

  /** Ends it if it still waits for its place. True when it did: nothing of it was sent. */
  withdraw(): boolean {
    if (!this.#pool.state.withdraw(this)) return false;
    this.refuse(new ProblemError('upstream-failed', {}, { cause: new Error('The exchange was aborted.') }));
    return true;
  }

  onHead(head: UpstreamHead): void {
    const { state } = this.#pool;
    this.#hasHead = true;
    this.#attempt?.answered(head.status);
    const isFailure = this.#pool.isFailure(head.status);
    if (isFailure || isEventStream(head)) this.#judge(isFailure ? 'failure' : 'success');
    state.conclude(this.#round, isFailure ? 'failure' : 'success');
    this.#handler.onHead(head);
  }

  onData(chunk: Buffer): void {
    this.#handler.onData(chunk);
  }

  onEnd(): void {
    this.#judge('success');
    this.#attempt?.end();
    this.#leave();
    this.#handler.onEnd();
  }

  onError(problem: ProblemError, reach: Reach): void {
    const isFault = !this.#isAborted && (problem.code === 'upstream-failed' || problem.code === 'upstream-timeout');
    if (isFault) this.#judge('failure');
    this.#attempt?.end(problem.code);
    const next = isFault ? this.#nextTarget(problem, reach) : undefined;
    if (next !== undefined) {
      this.#target?.end();
      this.#send(next);
      return;
    }
    if (!this.#hasHead) this.#pool.state.conclude(this.#round, isFault ? 'failure' : undefined);
    this.#leave();
    this.#handler.onError(problem, reach);
  }

  #send(target: Target): void {
    this.#target = target;
    this.#ejections = target.counts.ejections;
    this.#isJudged = false;
    this.#attempt = this.#request.trace?.attempt?.(target.address.url);
    const request = requestFor(this.#request, target.address.host, this.#attempt);
    const inner = target.begin().dispatch(request, this);
    // It may have failed at once, and run elsewhere by now.
    if (this.#target !== target || this.#isDone) return;
    this.#inner = inner;
    if (this.#isPaused) inner.pause();
    if (this.#isAborted) inner.abort();
  }

  #nextTarget(problem: ProblemError, reach: Reach): Target | undefined {
    const target = this.#target;
    const { method, body } = this.#request;
    const isBodyWhole = body === undefined || body instanceof Uint8Array || !(body.readableDidRead || body.destroyed);
    if (target === undefined) return undefined;
    if (!isRepeatable({ method, code: problem.code, reach, hasHead: this.#hasHead, isBodyWhole })) return undefined;
    this.#tried = [...(this.#tried ?? []), target];
    return this.#pool.chooseAgain(this.#tried);
  }

  #judge(outcome: 'success' | 'failure'): void {
    const target = this.#target;
    if (this.#isJudged || target === undefined) return;
    this.#isJudged = true;
    judgeAttempt(this.#pool.state, { target, ejections: this.#ejections }, outcome);
  }

  #leave(): void {
    this.#isDone = true;
    this.#target?.end();
    this.#pool.state.leave();
  }
}

/** The request as this target gets it: with its own host, and told of its own attempt. */
function requestFor(request: UpstreamRequest, host: string, attempt: AttemptTrace | undefined): UpstreamRequest {
  const { headers } = request;
  if (attempt === undefined && headers[1] === host) return request;
  return { ...request, headers: [...withHost(headers, host), ...(attempt?.fields ?? [])] };
}

/** It may be open for hours: that it began is enough of a success. */
function isEventStream({ headers }: UpstreamHead): boolean {
  return firstHeader(headers, 'content-type')?.startsWith('text/event-stream') === true;
}
