import { ProblemError } from '@steadygate/core';
import type { Call, Carrier } from './call.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { Opener } from './open-socket.ts';

/** How connections to one upstream are kept. */
export interface PoolOptions {
  readonly connectMs: number;
  /** Connections at once; streams hold one each. Requests beyond it wait. */
  readonly connectionsMax: number;
}

const TICK_MS = 250;
/** Node's own servers close an idle connection after 5 seconds: ours must be the first to let go. */
const IDLE_MS = 4_000;
/** However long an upstream promises to keep one. */
const IDLE_MS_MAX = 60_000;
/** The promise may have been made this long ago. */
const IDLE_MARGIN_MS = 1_000;

/** The connections of one upstream: the one used last serves next, and nobody waits for ever. */
export class Pool implements ConnectionOwner, Carrier {
  readonly #opener: Opener;
  readonly #options: PoolOptions;
  readonly #open = new Set<Connection>();
  readonly #idle: Connection[] = [];
  /** In the order in which they came, with the tick at which they give up. */
  readonly #waiting = new Map<Call, number>();
  readonly #closed = Promise.withResolvers<void>();
  #isClosing = false;
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(opener: Opener, options: PoolOptions) {
    this.#opener = opener;
    this.#options = options;
  }

  /** Sends a request now, or when a connection is free. */
  dispatch(call: Call): void {
    if (this.#isClosing) call.fail(new ProblemError('unavailable', {}, { cause: new Error('The client is closed.') }));
    else this.#assign(call);
  }

  /** Lets running and waiting calls end, then closes. */
  close(): Promise<void> {
    this.#isClosing = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#settle();
    return this.#closed.promise;
  }

  /** Late by at most two ticks, never early. */
  dueTick(ms: number): number {
    return this.#tick + Math.ceil(ms / TICK_MS) + 1;
  }

  isFree(connection: Connection, keepAliveSeconds: number | undefined): void {
    const [next] = this.#waiting;
    const idleMs = keepAliveSeconds === undefined ? IDLE_MS : keepAliveSeconds * 1000 - IDLE_MARGIN_MS;
    if (next !== undefined) {
      this.#waiting.delete(next[0]);
      connection.start(next[0]);
    } else if (this.#isClosing || idleMs <= 0) connection.destroy();
    else {
      connection.dueTick = this.#tick + Math.ceil(Math.min(idleMs, IDLE_MS_MAX) / TICK_MS);
      this.#idle.push(connection);
    }
  }

  isGone(connection: Connection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next[0]);
      this.#assign(next[0]);
    }
    this.#settle();
  }

  repeat(call: Call): void {
    // Once, and on a connection of its own: what is idle may be as stale as the first.
    call.isRepeatable = false;
    if (this.#open.size < this.#options.connectionsMax) this.#connect(call);
    else this.#wait(call);
  }

  pause(): void {}

  resume(): void {}

  drop(call: Call): void {
    this.#waiting.delete(call);
    this.#settle();
  }

  #assign(call: Call): void {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isUsable) {
        idle.start(call);
        return;
      }
      idle.destroy();
    }
    if (this.#open.size < this.#options.connectionsMax) this.#connect(call);
    else this.#wait(call);
  }

  #connect(call: Call): void {
    this.#run();
    const connection = new Connection(this, this.#opener, { call, connectMs: this.#options.connectMs });
    this.#open.add(connection);
  }

  #wait(call: Call): void {
    call.carrier = this;
    this.#waiting.set(call, this.dueTick(this.#options.connectMs + call.request.timeouts.headersMs));
  }

  #run(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#advance(), TICK_MS);
    this.#timer.unref();
  }

  #advance(): void {
    this.#tick += 1;
    for (const connection of this.#idle) connection.unreference();
    for (const connection of this.#open) if (connection.dueTick <= this.#tick) connection.expire();
    for (const [call, dueTick] of this.#waiting) {
      if (dueTick <= this.#tick) call.fail(new ProblemError('unavailable', { retryAfterSeconds: 1 }));
    }
  }

  #settle(): void {
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isClosing && this.#waiting.size === 0) this.#closed.resolve();
  }
}
