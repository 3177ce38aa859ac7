import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** What an upload tells of itself. */
export interface UploadEvents {
  /** It waits for the upstream from here on, which must take something or answer in its time. */
  waits(): void;
  /** It waits for the client, who has a time of its own. */
  flows(): void;
  /** The body broke off: the request can never be completed. */
  failed(cause: Error): void;
}

/** Sends a body as it comes, with back-pressure, and exactly as many bytes as were declared. */
export class Upload {
  isDone = false;
  readonly #socket: Socket;
  readonly #body: Readable;
  readonly #events: UploadEvents;
  /** Undefined: in chunks. */
  #left: number | undefined;

  constructor(to: { socket: Socket; bodyBytes: number | undefined }, body: Readable, events: UploadEvents) {
    this.#socket = to.socket;
    this.#left = to.bodyBytes;
    this.#body = body;
    this.#events = events;
    // Attached first, so that a body that is there already leaves together with the head before it.
    body.on('data', this.#onData).once('end', this.#onEnd).once('error', this.#onError).once('close', this.#onClose);
    this.#socket.on('drain', this.#onDrain);
    process.nextTick(() => this.#socket.uncork());
  }

  /** Sends no more, and lets go of the body. */
  stop(): void {
    this.#detach();
    this.#body.destroy();
  }

  #detach(): void {
    const body = this.#body;
    body.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
    this.#socket.off('drain', this.#onDrain);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    if (this.#left !== undefined) {
      if (chunk.length > this.#left) {
        this.#fail(new Error('The body is longer than was declared.'));
        return;
      }
      this.#left -= chunk.length;
    }
    if (this.#write(chunk)) return;
    this.#body.pause();
    this.#events.waits();
  };

  #write(chunk: Buffer): boolean {
    if (this.#left !== undefined) return this.#socket.write(chunk);
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    this.#socket.write(chunk);
    const hasRoom = this.#socket.write('\r\n', 'latin1');
    this.#socket.uncork();
    return hasRoom;
  }

  readonly #onDrain = (): void => {
    this.#events.flows();
    this.#body.resume();
  };

  readonly #onEnd = (): void => {
    this.#detach();
    if (this.#left === undefined) this.#socket.write('0\r\n\r\n', 'latin1');
    else if (this.#left > 0) {
      this.#events.failed(new Error('The body is shorter than was declared.'));
      return;
    }
    this.isDone = true;
    this.#events.waits();
  };

  readonly #onError = (cause: Error): void => this.#fail(cause);

  readonly #onClose = (): void => this.#fail(new Error('The body broke off.'));

  #fail(cause: Error): void {
    this.#detach();
    this.#events.failed(cause);
  }
}
