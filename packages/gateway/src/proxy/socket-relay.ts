import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import type { Target } from '../upstreams/target.ts';
import type { Admitted } from './exchange.ts';
import { newRequestId } from '../decisions/request-id.ts';
import type { Generation } from './generation.ts';
import type { Plane } from './plane.ts';
import type { Deadline } from './pulse.ts';
import { operationOf, reauthorised } from './reauthorise.ts';
import { inspected, messageRecord } from './socket-inspection.ts';
import { downward, upward } from './socket-messages.ts';
import type { MessageContext, PassedMessage } from './socket-messages.ts';
import type { StreamEnd } from './streams.ts';

/** One message, and what may wait unsent for a slow reader before the sender is stopped. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;
const UNSENT_BYTES_MAX = 1024 * 1024;
const PING_MS = 30_000;
const SLOW_MS = 10_000;
/** How long the other side may take to say goodbye. */
const GOODBYE_MS = 1_000;

const ENDINGS: Readonly<Record<StreamEnd, readonly [code: number, reason: string]>> = {
  'session-ended': [4001, 'session ended'],
  blocked: [4003, 'blocked'],
  'route-changed': [1012, 'route changed'],
  stale: [1013, 'try again later'],
  drain: [1012, 'restarting'],
};

/** Both ends of a relayed socket, and why it was let in. */
export interface RelayParts {
  readonly client: WebSocket;
  readonly upstream: WebSocket;
  /** Where the upstream's end is. */
  readonly target: Target;
  readonly admitted: Admitted;
  readonly generation: Generation;
}

/**
 * Relays one WebSocket message by message: judged one at a time in their order, with back-pressure both ways, and with
 * nothing passing once the gate has decided to end it.
 */
export class SocketRelay {
  readonly #plane: Plane;
  readonly #parts: RelayParts;
  #admitted: Admitted;
  #generation: Generation;
  #isEnded = false;
  #isAlive = true;
  #up: Promise<void> = Promise.resolve();
  #down: Promise<void> = Promise.resolve();
  /** Messages that wait for their turn. One chunk holds thousands of small ones. */
  readonly #waiting = { up: 0, down: 0 };
  #ping: Deadline | undefined;
  readonly #unregister: () => void;

  constructor(plane: Plane, parts: RelayParts) {
    this.#plane = plane;
    this.#parts = parts;
    this.#admitted = parts.admitted;
    this.#generation = parts.generation;
    this.#connect();
    this.#watchPulse();
    this.#unregister = plane.streams.add({
      kind: 'socket',
      principal: parts.admitted.decision.principal,
      objects: () => operationOf(this.#admitted)?.pathIds ?? [],
      generation: parts.generation,
      reauthorise: (generation) => this.#reauthorise(generation),
      close: (end) => this.#end(...ENDINGS[end]),
    });
    // It may have been ended as it registered.
    if (this.#isEnded) this.#unregister();
    else parts.upstream.resume();
  }

  #connect(): void {
    const { client, upstream } = this.#parts;
    client.on('message', (data, isBinary) => this.#fromClient(data, isBinary));
    upstream.on('message', (data, isBinary) => this.#fromUpstream(data, isBinary));
    client.on('pong', () => {
      this.#isAlive = true;
    });
    // Errors are followed by `close`, which ends both sides.
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    client.on('close', () => this.#end(1001, ''));
    upstream.on('close', (code) => this.#end(downwardCode(code), ''));
  }

  #fromClient(data: RawData, isBinary: boolean): void {
    const { client, upstream } = this.#parts;
    if (this.#isEnded) return;
    const { principal } = this.#admitted.decision;
    const context = this.#context();
    if (principal !== undefined) this.#plane.deps.onActivity?.(principal, context.nowMs);
    client.pause();
    this.#waiting.up += 1;
    const judged = this.#up
      .then(() => upward(this.#plane.deps, context, { data: toBuffer(data), isBinary }))
      .then((passed) => this.#inspected(context, passed))
      .then((passed) => (passed === undefined ? this.#drop('up') : this.#send(upstream, client, passed)));
    this.#up = judged.then(
      () => this.#judged('up', client),
      () => this.#end(1011, ''),
    );
  }

  /** The message, unless inspection refuses it: then it is dropped as others are, and the socket stays (WK15). */
  async #inspected(context: MessageContext, message: PassedMessage | undefined): Promise<PassedMessage | undefined> {
    const decision = message === undefined ? undefined : await inspected(context, message);
    if (decision === undefined) return message;
    const { deps, ids } = this.#plane;
    if (decision.findings.length > 0) {
      deps.events.decided(messageRecord(context, newRequestId(ids, context.nowMs), decision));
    }
    return decision.denial === undefined ? message : undefined;
  }

  #fromUpstream(data: RawData, isBinary: boolean): void {
    const { client, upstream } = this.#parts;
    if (this.#isEnded) return;
    const context = this.#context();
    upstream.pause();
    this.#waiting.down += 1;
    const judged = this.#down
      .then(() => downward(this.#plane.deps, context, { data: toBuffer(data), isBinary }))
      .then((message) => (message === undefined ? this.#drop('down') : this.#send(client, upstream, message)));
    this.#down = judged.then(
      () => this.#judged('down', upstream),
      () => this.#end(1011, ''),
    );
  }

  /** Reads on only when nothing waits: otherwise every message that was judged would let a whole chunk of others in. */
  #judged(way: 'up' | 'down', sender: WebSocket): void {
    this.#waiting[way] -= 1;
    if (this.#waiting[way] === 0) sender.resume();
  }

  /** Resolves when the reader can take more; a reader that stays too slow is dropped. */
  #send(to: WebSocket, from: WebSocket, message: PassedMessage): void | Promise<void> {
    if (this.#isEnded || to.readyState !== WebSocket.OPEN) return undefined;
    if (to.bufferedAmount <= UNSENT_BYTES_MAX) {
      to.send(message.data, { binary: message.isBinary });
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = this.#plane.pulse.watch(SLOW_MS, () => {
      this.#end(1008, 'too slow');
      to.terminate();
      from.close(1001);
    });
    to.send(message.data, { binary: message.isBinary }, () => {
      slow.cancel();
      resolve();
    });
    return promise;
  }

  #drop(way: 'up' | 'down'): void {
    this.#plane.dropped[way] += 1;
  }

  #context(): MessageContext {
    return { admitted: this.#admitted, generation: this.#generation, nowMs: this.#plane.deps.clock.nowMs() };
  }

  async #reauthorise(generation: Generation): Promise<boolean> {
    const { policy } = this.#admitted.match.route;
    const admitted = await reauthorised(this.#admitted, generation);
    // A socket ends by nobody's doing: on a target that is not configured any more it would run for ever.
    const targets = generation.upstreams.get(policy.upstream ?? '')?.pool.targets ?? [];
    if (admitted === undefined || !targets.includes(this.#parts.target)) return false;
    this.#admitted = admitted;
    this.#generation = generation;
    return true;
  }

  #watchPulse(): void {
    this.#ping = this.#plane.pulse.watch(PING_MS, () => {
      if (!this.#isAlive) {
        this.#parts.client.terminate();
        return;
      }
      this.#isAlive = false;
      this.#parts.client.ping();
      this.#watchPulse();
    });
  }

  #end(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#ping?.cancel();
    this.#unregister?.();
    const { client, upstream } = this.#parts;
    // A paused socket would never read the other side's goodbye.
    client.resume();
    upstream.resume();
    client.close(code, reason);
    upstream.close(1001);
    this.#plane.pulse.watch(GOODBYE_MS, () => {
      client.terminate();
      upstream.terminate();
    });
  }
}

/** What a client learns of its upstream's end. Reasons are not passed on: nobody has judged them. */
function downwardCode(code: number): number {
  if (code === 1000) return 1000;
  // 4001 says that the session has ended, which only the gate can know.
  if (code >= 3000 && code <= 4999 && code !== 4001) return code;
  return code === 1001 || code === 1005 || code === 1012 ? 1001 : 1011;
}

/** Node's sockets give `ws` buffers; its other types exist for browsers. */
function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(new Uint8Array(data));
}
