import type { Duplex } from 'node:stream';
import { problemAnswer } from './answer-problem.ts';
import type { Exchange } from './exchange.ts';
import { ownHeaders } from './own-answer.ts';

/** Knows the exchange in progress on each connection, and which connections have had their last one. */
export class RunningExchanges {
  readonly #running = new WeakMap<Duplex, Exchange>();
  readonly #closing = new WeakSet<Duplex>();

  /** @param onIdle called when an exchange ended and no later one took its connection over. */
  begin(socket: Duplex, exchange: Exchange, onIdle: () => void): void {
    this.#running.set(socket, exchange);
    exchange.whenClosed(() => {
      if (exchange.isLast) this.#closing.add(socket);
      // With pipelining, a later request may have taken the connection over.
      if (this.#running.get(socket) !== exchange) return;
      this.#running.delete(socket);
      onIdle();
    });
  }

  /** Whether an answer is still to be written on this connection, or was its last. */
  isBusy(socket: Duplex): boolean {
    return this.#running.has(socket) || this.#closing.has(socket);
  }

  /**
   * Whether an answer has closed this connection for further requests (RFC 9112 §9.6).
   *
   * What is pipelined behind a refusal may be what somebody in front took for the refused request's body.
   */
  isClosing(socket: Duplex): boolean {
    return this.#closing.has(socket) || this.#running.get(socket)?.isLast === true;
  }

  /** The parser gave up: says so to whoever waits for an answer. False when there is nobody who was not told yet. */
  interrupt(socket: Duplex): boolean {
    const exchange = this.#running.get(socket);
    if (exchange === undefined) return this.#closing.has(socket);
    // What is malformed came after it: a request that may have had its effect keeps its own answer and record (T12).
    if (exchange.incoming.complete) exchange.endConnection();
    // It has its answer, and the connection ends with it.
    else if (!(exchange.isLast && exchange.isOver)) breakOff(exchange);
    return true;
  }
}

function breakOff(exchange: Exchange): void {
  const answer = problemAnswer('request-malformed', {}, exchange.requestId);
  const { decision } = exchange;
  const finding = { guard: 'parser', rule: 'broken framing' };
  const denial = { guard: 'parser', code: 'request-malformed', facts: {} } as const;
  exchange.decision = { ...decision, outcome: 'deny', denial, findings: [...decision.findings, finding] };
  exchange.breakOff({ ...answer, headers: [...answer.headers, ...ownHeaders(exchange)] });
}
