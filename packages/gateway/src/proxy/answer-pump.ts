import type { ProblemError } from '@steadygate/core';
import { answerFailure } from './own-answer.ts';
import type { Exchange } from './exchange.ts';
import type { Deadline, Pulse } from './pulse.ts';
import type { UpstreamCall } from './upstream-client.ts';

/** Rewrites a body on its way down. `undefined` ends the answer: it cannot go on safely. */
export interface BodyFilter {
  push(chunk: Buffer): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  end(): Uint8Array;
}

/** How a body is pumped. */
export interface PumpOptions {
  readonly pulse: Pulse;
  /** How long nothing may move. */
  readonly idleMs: number;
  /** Event streams may be silent; their readers may not stop reading. */
  readonly mayBeSilent: boolean;
  readonly filter: BodyFilter | undefined;
}

/**
 * Moves an answer's body from an upstream to a caller: nothing is buffered beyond what the socket takes, and order is
 * kept also when a filter has to look something up.
 */
export class AnswerPump {
  readonly #exchange: Exchange;
  readonly #call: UpstreamCall;
  readonly #options: PumpOptions;
  #deadline: Deadline | undefined;
  #queue: Promise<void> | undefined;
  #holds = 0;

  constructor(exchange: Exchange, call: UpstreamCall, options: PumpOptions) {
    this.#exchange = exchange;
    this.#call = call;
    this.#options = options;
    if (!options.mayBeSilent) this.#watch();
  }

  data(chunk: Buffer): void {
    this.#deadline?.touch();
    const { filter } = this.#options;
    if (filter !== undefined) this.#filter(filter, chunk);
    else this.#write(chunk);
  }

  end(): void {
    this.#after(() => {
      const rest = this.#options.filter?.end();
      if (rest !== undefined && rest.length > 0) this.#write(rest);
      this.#stop();
      this.#exchange.end();
    });
  }

  /** The head was sent: an answer that cannot be completed must not look complete. */
  fail(problem: ProblemError): void {
    this.#stop();
    answerFailure(this.#exchange, problem);
  }

  /** Forgets the deadline, when the caller has left. */
  stop(): void {
    this.#stop();
  }

  #filter(filter: BodyFilter, chunk: Buffer): void {
    if (this.#queue !== undefined) {
      this.#enqueue(() => filter.push(chunk));
      return;
    }
    const filtered = filter.push(chunk);
    if (filtered instanceof Promise) this.#enqueue(() => filtered);
    else this.#writeOrBreak(filtered);
  }

  /** While something is looked up, the upstream waits: what is queued stays small. */
  #enqueue(filtered: () => ReturnType<BodyFilter['push']>): void {
    this.#hold();
    const job = (this.#queue ?? Promise.resolve())
      .then(filtered)
      .then(
        (bytes) => this.#writeOrBreak(bytes),
        () => this.#writeOrBreak(undefined),
      )
      .then(() => {
        this.#release();
        if (this.#queue === job) this.#queue = undefined;
      });
    this.#queue = job;
  }

  #after(act: () => void): void {
    if (this.#queue === undefined) act();
    else void this.#queue.then(act);
  }

  #writeOrBreak(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) {
      if (bytes.length > 0) this.#write(bytes);
      return;
    }
    this.#break();
  }

  #write(bytes: Uint8Array): void {
    const { response } = this.#exchange;
    if (this.#exchange.isOver) return;
    this.#exchange.answerBytes += bytes.length;
    if (response.write(bytes)) return;
    this.#hold();
    if (this.#options.mayBeSilent) this.#watch();
    response.once('drain', () => {
      if (this.#options.mayBeSilent) this.#stop();
      else this.#deadline?.touch();
      this.#release();
    });
  }

  #hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#call.pause();
  }

  #release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#call.resume();
  }

  #watch(): void {
    this.#deadline?.cancel();
    this.#deadline = this.#options.pulse.watch(this.#options.idleMs, () => this.#break());
  }

  #break(): void {
    this.#stop();
    this.#call.abort();
    this.#exchange.response.destroy();
  }

  #stop(): void {
    this.#deadline?.cancel();
  }
}
