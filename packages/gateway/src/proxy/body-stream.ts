import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '@steadygate/core';
import type { Deadline, Pulse } from './pulse.ts';

/** Progress: so much more of a body pushes its deadline back. A byte now and then would hold a connection for days. */
const PROGRESS_BYTES = 16 * 1024;

/** How much of a body may come, and how long its end, or 16 KiB more of it, may take. */
export interface BodyLimits {
  readonly bytesMax: number;
  readonly stallMs: number;
  readonly pulse: Pulse;
}

/**
 * A request's body on its way up: counted, with back-pressure, and ended by a `ProblemError` when it is too large,
 * comes too slowly or breaks off.
 *
 * Apart from the incoming message, because whoever destroys this must still be able to answer the caller.
 */
export class BodyStream extends Readable {
  readonly #incoming: IncomingMessage;
  readonly #limits: BodyLimits;
  #deadline: Deadline;
  readonly #started = Promise.withResolvers<void>();
  #count = 0;
  #countAtProgress = 0;
  #isHeld = false;
  #hasEnd = false;

  constructor(incoming: IncomingMessage, limits: BodyLimits) {
    super({ highWaterMark: 64 * 1024 });
    this.#incoming = incoming;
    this.#limits = limits;
    this.#deadline = this.#watch();
    // Waiters and readers are told themselves; before there is one, an error that nobody hears would end the process.
    this.#started.promise.catch(() => undefined);
    this.on('error', () => undefined);
    incoming.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onClose);
    // The close that follows tells the story.
    incoming.on('error', () => undefined);
  }

  /** Resolves once the body's first bytes were parsed: until then, bad framing must not reach an upstream. */
  started(): Promise<void> {
    return this.#started.promise;
  }

  /** The whole body, once its end has come and while nobody has read it; undefined before. */
  whole(): Buffer | undefined {
    if (!this.#hasEnd || this.readableDidRead) return undefined;
    // A stream of bytes gives all that it holds in one buffer.
    const bytes = this.read() as Buffer | null;
    return bytes ?? Buffer.alloc(0);
  }

  override _read(): void {
    if (this.#isHeld) this.#deadline = this.#watch();
    this.#isHeld = false;
    this.#incoming.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#deadline.cancel();
    this.#incoming.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    this.#incoming.pause();
    if (error !== null) this.#started.reject(error);
    done(error);
  }

  #watch(): Deadline {
    const { pulse, stallMs } = this.#limits;
    return pulse.watch(stallMs, () => this.destroy(new ProblemError('body-timeout')));
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#count += chunk.length;
    const { bytesMax } = this.#limits;
    if (this.#count > bytesMax) {
      this.destroy(new ProblemError('body-too-large', { detail: tooLarge(bytesMax) }));
      return;
    }
    if (this.#count - this.#countAtProgress >= PROGRESS_BYTES) {
      this.#countAtProgress = this.#count;
      this.#deadline.touch();
    }
    if (!this.push(chunk)) {
      // Its reader makes it wait, or has no place for it yet: that is no fault of whoever sends.
      this.#isHeld = true;
      this.#deadline.cancel();
      this.#incoming.pause();
    }
    // Once what came with these bytes was parsed too: the next chunk of the same packet may be malformed.
    setImmediate(() => this.#started.resolve());
  };

  readonly #onEnd = (): void => {
    this.#deadline.cancel();
    this.#hasEnd = true;
    this.push(null);
    this.#started.resolve();
  };

  readonly #onClose = (): void => {
    if (this.#incoming.complete) return;
    this.destroy(new ProblemError('body-invalid', { detail: 'The body broke off.' }));
  };
}

/** What a caller is told who sends too much. */
export function tooLarge(bytesMax: number): string {
  return `A body may have ${bytesMax} bytes here.`;
}
