import { isRepeatable, type Outcome, ProblemError } from '@steadygate/core';
import type { WebSocket } from 'ws';
import type { UpstreamSocketRequest } from '../proxy/upstream-client.ts';
import { withHost } from './host-field.ts';
import { judgeAttempt } from './judge-target.ts';
import type { UpstreamPool } from './pool.ts';
import type { Target } from './target.ts';
import type { Waiter } from './upstream-state.ts';

/** A socket that is open and paused: nothing arrives before its reader listens. */
export interface OpenSocket {
  readonly socket: WebSocket;
  readonly target: Target;
}

/** One socket on its way through a pool. It counts as in flight until it closes. */
export class SocketOpening implements Waiter {
  /** Rejects with a `ProblemError`: `upstream-failed`, `upstream-timeout`, `upstream-busy`, `upstream-unavailable`. */
  readonly opened: Promise<OpenSocket>;
  readonly #pool: UpstreamPool;
  readonly #request: UpstreamSocketRequest;
  readonly #result = Promise.withResolvers<OpenSocket>();
  #socket: WebSocket | undefined;
  #tried: readonly Target[] = [];
  #round = 0;
  #isAborted = false;

  constructor(pool: UpstreamPool, request: UpstreamSocketRequest) {
    this.#pool = pool;
    this.#request = request;
    this.opened = this.#result.promise;
  }

  proceed(round: number): void {
    this.#round = round;
    this.#connect(this.#pool.choose());
  }

  refuse(problem: ProblemError): void {
    this.#result.reject(problem);
  }

  /** Nobody wants it any more: gives up waiting, or ends the socket. */
  abort(): void {
    this.#isAborted = true;
    if (this.#pool.state.withdraw(this)) this.refuse(new ProblemError('upstream-failed'));
    else this.#socket?.terminate();
  }

  #connect(target: Target): void {
    const attempt = { target, ejections: target.counts.ejections };
    const trace = this.#request.trace?.attempt?.(target.address.url);
    const headers = [...withHost(this.#request.headers, target.address.host), ...(trace?.fields ?? [])];
    const socket = target.begin().openSocket({ ...this.#request, headers });
    this.#socket = socket;
    let isDecided = false;
    const decide = (outcome: Outcome | undefined): boolean => {
      if (isDecided) return false;
      isDecided = true;
      if (outcome !== undefined) judgeAttempt(this.#pool.state, attempt, outcome);
      return true;
    };
    socket.once('open', () => {
      if (!decide('success')) return;
      trace?.answered(101);
      trace?.end();
      socket.pause();
      this.#pool.state.conclude(this.#round, 'success');
      socket.once('close', () => this.#leave(target));
      this.#result.resolve({ socket, target });
    });
    socket.once('unexpected-response', (request, answer) => {
      const status = answer.statusCode ?? 0;
      answer.destroy();
      request.destroy();
      const outcome = this.#pool.isFailure(status) ? 'failure' : 'success';
      const cause = new Error(`Upgrade answered ${status}`);
      trace?.answered(status);
      trace?.end('upstream-failed');
      if (decide(outcome)) this.#fail(target, outcome, new ProblemError('upstream-failed', {}, { cause }));
    });
    socket.on('error', (cause) => {
      const isLate = /handshake has timed out/.test(cause.message);
      const problem = new ProblemError(isLate ? 'upstream-timeout' : 'upstream-failed', {}, { cause });
      trace?.end(problem.code);
      if (decide(this.#isAborted ? undefined : 'failure')) this.#failedToConnect(target, problem);
    });
  }

  #failedToConnect(target: Target, problem: ProblemError): void {
    this.#tried = [...this.#tried, target];
    // A handshake changes nothing (RFC 6455 §4.1: it is a GET), and no message was sent.
    const attempt = { method: 'GET', code: problem.code, reach: 'sent', hasHead: false, isBodyWhole: true } as const;
    const next = !this.#isAborted && isRepeatable(attempt) ? this.#pool.chooseAgain(this.#tried) : undefined;
    if (next === undefined) this.#fail(target, this.#isAborted ? undefined : 'failure', problem);
    else {
      target.end();
      this.#connect(next);
    }
  }

  #fail(target: Target, outcome: Outcome | undefined, problem: ProblemError): void {
    this.#pool.state.conclude(this.#round, outcome);
    this.#leave(target);
    this.#result.reject(problem);
  }

  #leave(target: Target): void {
    target.end();
    this.#pool.state.leave();
  }
}
