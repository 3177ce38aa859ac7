import { CHUNKED, UNTIL_CLOSE } from './answer-framing.ts';
import { type AnswerHead, parseAnswerHead } from './answer-head.ts';
import { ChunkedBody } from './chunked-body.ts';

/** Takes one answer after the other. May stop the reader at any time. */
export interface AnswerSink {
  /** Never of an interim answer. */
  head(head: AnswerHead): void;
  /** A piece of the body, the receiver's own. */
  data(bytes: Buffer): void;
  /** The answer is complete. `isExact`: its end was told, nothing came after it, and the connection is kept. */
  end(isExact: boolean): void;
}

const HEAD_BYTES_MAX = 32 * 1024;
/** RFC 9110 §15.2: any number of interim answers may come; nobody needs more. */
const INTERIM_MAX = 16;

const HEAD_END = 4;
const BEGINNING = 'HTTP/1.';

/**
 * Reads the answers of one connection, as strictly as requests are read: it is here that an upstream could smuggle.
 *
 * What follows an answer that nobody asked for is a fault, never the beginning of the next one.
 */
export class AnswerReader {
  readonly #sink: AnswerSink;
  #state: 'idle' | 'head' | 'length' | 'chunks' | 'until-close' | 'stopped' = 'idle';
  #isHead = false;
  #partial = '';
  #interim = 0;
  #left = 0;
  #chunks = new ChunkedBody();
  #keepsAlive = false;
  #fault: string | undefined;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** A request was sent: one answer is due. `isHead`: of a HEAD request, so that it has no body. */
  begin(isHead: boolean): void {
    this.#state = 'head';
    this.#isHead = isHead;
    this.#interim = 0;
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#state = 'stopped';
  }

  /** Takes what came, and copies what it keeps. Gives the fault that ends the connection, or undefined. */
  read(bytes: Buffer): string | undefined {
    for (let at = 0; at < bytes.length && this.#fault === undefined && this.#state !== 'stopped';) {
      at = this.#step(bytes, at);
    }
    return this.#fault;
  }

  /** The connection ended. Gives the fault unless that was the answer's own end. */
  eof(): string | undefined {
    if (this.#state !== 'until-close') return 'the connection closed before the end of the answer';
    this.#state = 'idle';
    this.#sink.end(false);
    return undefined;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#partial === '' ? this.#readHead(bytes, at) : this.#readOn(bytes, at);
      case 'length':
        return this.#readLength(bytes, at);
      case 'chunks':
        return this.#readChunks(bytes, at);
      case 'until-close':
        this.#sink.data(copyOf(bytes, at, bytes.length));
        return bytes.length;
      default:
        return this.#fail('bytes that nobody asked for', bytes);
    }
  }

  /** Most heads come in one piece. */
  #readHead(bytes: Buffer, at: number): number {
    // As text, since finding and cutting is cheaper there than in bytes.
    const text = bytes.toString('latin1', at, Math.min(bytes.length, at + HEAD_BYTES_MAX + 1));
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return this.#keep(text, 0, bytes);
    const length = end + HEAD_END;
    this.#took(text.slice(0, length), at + length === bytes.length);
    return at + length;
  }

  #readOn(bytes: Buffer, at: number): number {
    const before = this.#partial.length;
    const text = this.#partial + bytes.toString('latin1', at, Math.min(bytes.length, at + HEAD_BYTES_MAX - before + 1));
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) return this.#keep(text, before, bytes);
    this.#partial = '';
    const behind = at + end + HEAD_END - before;
    this.#took(text.slice(0, end + HEAD_END), behind === bytes.length);
    return behind;
  }

  /** What can become no head is told at once: the rest may never come. */
  #keep(text: string, before: number, bytes: Buffer): number {
    if (text.length > HEAD_BYTES_MAX) return this.#fail('a head that is too large', bytes);
    if (!BEGINNING.startsWith(text.slice(0, BEGINNING.length))) return this.#fail('no HTTP/1.x', bytes);
    if (/[^\r]\n/.test(text.slice(Math.max(0, before - 1))))
      return this.#fail('a line that does not end in CRLF', bytes);
    this.#partial = text;
    return bytes.length;
  }

  #took(text: string, isAll: boolean): void {
    const head = parseAnswerHead(text, { isHead: this.#isHead });
    if ('fault' in head) {
      this.#fault = head.fault;
      return;
    }
    if (head.status < 200) {
      this.#interim += 1;
      // RFC 9110 §15.2.2: nobody asked to switch protocols here.
      if (head.status === 101) this.#fault = 'an unasked switch of protocols';
      else if (this.#interim > INTERIM_MAX) this.#fault = 'too many interim answers';
      return;
    }
    this.#begun(head, isAll);
  }

  #begun(head: AnswerHead, isAll: boolean): void {
    const { bodyBytes } = head;
    this.#keepsAlive = head.keepsAlive;
    this.#left = Math.max(0, bodyBytes);
    if (bodyBytes === CHUNKED) this.#chunks = new ChunkedBody();
    this.#state = bodyBytes === CHUNKED ? 'chunks' : bodyBytes === UNTIL_CLOSE ? 'until-close' : 'length';
    this.#sink.head(head);
    if (bodyBytes === 0) this.#finish(isAll);
  }

  #readLength(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#sink.data(copyOf(bytes, at, end));
    if (this.#left === 0) this.#finish(end === bytes.length);
    return end;
  }

  #readChunks(bytes: Buffer, at: number): number {
    const chunks = this.#chunks;
    const end = chunks.read(bytes, at);
    const data = chunks.taken();
    if (chunks.fault !== undefined) return this.#fail(chunks.fault, bytes);
    if (data !== undefined) this.#sink.data(data);
    if (chunks.isDone) this.#finish(end === bytes.length);
    return end;
  }

  /** Its receiver may have stopped it while it took the last piece. */
  #finish(isAll: boolean): void {
    if (this.#state === 'stopped') return;
    this.#state = 'idle';
    this.#sink.end(this.#keepsAlive && isAll);
  }

  #fail(fault: string, bytes: Buffer): number {
    this.#fault = fault;
    return bytes.length;
  }
}

/** The buffer that is read into serves the next connection at once. */
function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}
