import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ProblemError } from '@steadygate/core';
import type { AnswerHead } from './answer-head.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';
import type { Call, Carrier } from './call.ts';
import type { Opener } from './open-socket.ts';
import { Upload } from './upload.ts';

/** Bodies up to this size leave in one piece with their head. */
const ONE_PIECE_BYTES_MAX = 16 * 1024;

/** Who owns a connection. */
export interface ConnectionOwner {
  /** The number of the tick at which something that may take so long is late. */
  dueTick(ms: number): number;
  /** It may serve another request; `keepAliveSeconds` is what the upstream said of that. */
  isFree(connection: Connection, keepAliveSeconds: number | undefined): void;
  /** It is gone. */
  isGone(connection: Connection): void;
  /** A safe request met a connection that the upstream had closed. */
  repeat(call: Call): void;
}

const NEVER = Number.POSITIVE_INFINITY;

/** One connection to an upstream: one request at a time, and none after anything that could be read in two ways. */
export class Connection implements AnswerSink, Carrier {
  /** When it is late or has been idle for too long. */
  dueTick: number;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader(this);
  #call: Call | undefined;
  #upload: Upload | undefined;
  #keepAliveSeconds: number | undefined;
  #hasServed = false;
  #hasBytes = false;
  #hasHead = false;
  #isGone = false;
  #isReferenced = true;
  #cause: Error | undefined;

  /** @param call its first request, sent once the connection stands */
  constructor(owner: ConnectionOwner, opener: Opener, first: { readonly call: Call; readonly connectMs: number }) {
    this.#owner = owner;
    this.#call = first.call;
    first.call.carrier = this;
    this.dueTick = owner.dueTick(first.connectMs);
    this.#socket = opener.open(
      (bytes) => this.#read(bytes),
      () => this.#ready(),
    );
    this.#socket.on('end', () => this.#ended()).on('close', () => this.#closed());
    this.#socket.on('error', (cause) => {
      this.#cause ??= cause;
    });
  }

  /** Whether it can take a request now. */
  get isUsable(): boolean {
    return !this.#isGone && this.#socket.writable && this.#socket.readable;
  }

  /** Sends a request on an idle connection. */
  start(call: Call): void {
    this.#call = call;
    call.carrier = this;
    if (!this.#isReferenced) {
      this.#isReferenced = true;
      this.#socket.ref();
    }
    this.#send(call);
  }

  /** Its time is up: the request is late, or nobody needed the connection. */
  expire(): void {
    this.#call?.fail(new ProblemError('upstream-timeout'));
    this.destroy();
  }

  /** An idle connection keeps no process alive. */
  unreference(): void {
    if (!this.#isReferenced) return;
    this.#isReferenced = false;
    this.#socket.unref();
  }

  destroy(): void {
    this.#reader.stop();
    this.#upload?.stop();
    this.#upload = undefined;
    this.#socket.destroy();
    this.#gone();
  }

  pause(): void {
    if (this.#hasHead) this.#socket.pause();
  }

  resume(): void {
    if (this.#hasHead) this.#socket.resume();
  }

  drop(): void {
    this.#call = undefined;
    this.destroy();
  }

  head(head: AnswerHead): void {
    this.dueTick = NEVER;
    this.#hasHead = true;
    this.#keepAliveSeconds = head.keepAliveSeconds;
    const call = this.#call;
    call?.head(head);
    if (call?.isPaused === true) this.pause();
  }

  data(bytes: Buffer): void {
    this.#call?.data(bytes);
  }

  end(isExact: boolean): void {
    const call = this.#call;
    this.#call = undefined;
    // RFC 9112 §9.3: a request that was not sent to its end leaves the connection in between.
    const isClean = isExact && this.#upload?.isDone !== false && this.#socket.writableLength === 0 && this.isUsable;
    if (isClean) this.#free(call);
    else this.destroy();
    call?.end();
  }

  #free(call: Call | undefined): void {
    this.#upload = undefined;
    this.#hasServed = true;
    if (call?.isPaused === true) this.#socket.resume();
    this.#owner.isFree(this, this.#keepAliveSeconds);
  }

  #ready(): void {
    if (this.#call !== undefined) this.#send(this.#call);
  }

  #send(call: Call): void {
    const { request, written } = call;
    const { body } = request;
    if (body instanceof Readable && body.destroyed) {
      // Nobody told: it ended before there was a connection to send it on.
      call.fail(problemOfUpload(body.errored ?? new Error('The body broke off.')));
      return;
    }
    call.reach = 'sent';
    this.#reader.begin(request.method === 'HEAD');
    this.#hasBytes = false;
    this.#hasHead = false;
    this.#keepAliveSeconds = undefined;
    if (body === undefined) {
      this.#socket.write(written.head, 'latin1');
    } else if (body instanceof Uint8Array) {
      this.#sendWhole(written.head, body);
    } else {
      this.#sendStream(call, body);
      return;
    }
    this.dueTick = this.#owner.dueTick(request.timeouts.headersMs);
  }

  #sendStream(call: Call, body: Readable): void {
    const { head, bodyBytes } = call.written;
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.dueTick = NEVER;
    this.#upload = new Upload({ socket: this.#socket, bodyBytes }, body, this.#uploadEvents(call));
  }

  #sendWhole(head: string, body: Uint8Array): void {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    if (bytes.length <= ONE_PIECE_BYTES_MAX) {
      this.#socket.write(head + bytes.toString('latin1'), 'latin1');
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(bytes);
    this.#socket.uncork();
  }

  #uploadEvents(call: Call) {
    const limit = (isLimited: boolean): void => {
      if (!this.#hasHead) this.dueTick = isLimited ? this.#owner.dueTick(call.request.timeouts.headersMs) : NEVER;
    };
    return {
      waits: () => limit(true),
      flows: () => limit(false),
      failed: (cause: Error) => call.fail(problemOfUpload(cause)),
    };
  }

  #read(bytes: Buffer): void {
    this.#hasBytes = true;
    const fault = this.#reader.read(bytes);
    if (fault !== undefined) this.#lose(new Error(`Unreadable answer: ${fault}`));
  }

  #ended(): void {
    const fault = this.#reader.eof();
    if (fault !== undefined) this.#lose(this.#cause ?? new Error(fault));
  }

  #closed(): void {
    this.#lose(this.#cause ?? new Error('The connection closed.'));
  }

  #lose(cause: Error): void {
    const call = this.#call;
    this.#call = undefined;
    this.destroy();
    if (call === undefined || call.isDone) return;
    call.carrier = undefined;
    // RFC 9112 §9.3.1: an idle connection may close as a request leaves. Not one byte came, so nobody answered.
    if (call.isRepeatable && this.#hasServed && !this.#hasBytes) this.#owner.repeat(call);
    else call.fail(new ProblemError('upstream-failed', {}, { cause }));
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#owner.isGone(this);
  }
}

/** What ended the request's body is the client's doing, or a fault of the declared length. */
function problemOfUpload(cause: Error): ProblemError {
  return cause instanceof ProblemError ? cause : new ProblemError('upstream-failed', {}, { cause });
}
