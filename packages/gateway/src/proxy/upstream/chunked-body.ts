import { isFieldLine } from './answer-head.ts';

/** A line between chunks: a size with its extensions, or a trailer. */
const LINE_BYTES_MAX = 4 * 1024;
/** Extensions and trailers of one answer together. They are read and dropped. */
const OVERHEAD_BYTES_MAX = 16 * 1024;

// RFC 9112 §7.1 and §7.1.1, without the white space that only some readers skip. Eight digits: no count of bytes overflows.
const SIZE_LINE =
  /^([\dA-Fa-f]{1,8})(?:;[!#$%&'*+\-.^_`|~\dA-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~\dA-Za-z]+|"(?:[\t !#-[\]-~\u0080-\u00ff]|\\[\t -~\u0080-\u00ff])*"))?)*$/;
const TRAILER_LINE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Takes the chunks out of a body, strictly: one malformed byte and it is none. One object for each body. */
export class ChunkedBody {
  /** Why it cannot be read; undefined so far. */
  fault: string | undefined;
  isDone = false;
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #left = 0;
  #line = '';
  #overhead = 0;
  #out: Buffer | undefined;
  #length = 0;

  /** Reads from `at` on, and gives where it stopped: at the end of `bytes`, or behind the body. Then `taken()` is its data. */
  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && !this.isDone && this.fault === undefined) {
      if (this.#state === 'data') at = this.#data(bytes, at);
      else if (this.#state === 'data-end') at = this.#dataEnd(bytes, at);
      else at = this.#lineOf(bytes, at);
    }
    return at;
  }

  /** The data of what was read since the last time, in one piece of its own; undefined for none. */
  taken(): Buffer | undefined {
    const out = this.#out?.subarray(0, this.#length);
    this.#out = undefined;
    this.#length = 0;
    return out;
  }

  #data(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    // One piece for all chunks of a read: thousands of tiny ones cost no more than one.
    this.#out ??= Buffer.allocUnsafe(bytes.length - at);
    this.#length += bytes.copy(this.#out, this.#length, at, end);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = 'data-end';
    return end;
  }

  /** RFC 9112 §7.1: exactly CRLF follows the data. */
  #dataEnd(bytes: Buffer, at: number): number {
    const isReturn = this.#line === '';
    if (bytes[at] !== (isReturn ? CARRIAGE_RETURN : LINE_FEED)) this.fault = 'a chunk longer than its size';
    this.#line = isReturn ? '\r' : '';
    if (!isReturn) this.#state = 'size';
    return at + 1;
  }

  #lineOf(bytes: Buffer, at: number): number {
    const feed = bytes.indexOf(LINE_FEED, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    if (this.#line.length + end - at > LINE_BYTES_MAX) {
      this.fault = 'a line between chunks that is too long';
      return end;
    }
    this.#line += bytes.toString('latin1', at, end);
    if (feed < 0) return end;
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) this.fault = 'a line between chunks that does not end in CRLF';
    else if (this.#state === 'size') this.#size(line.slice(0, -2));
    else this.#trailer(line.slice(0, -2));
    return end;
  }

  #size(line: string): void {
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) {
      this.fault = 'a chunk size that is none';
      return;
    }
    this.#spend(line.length - digits.length);
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
  }

  #trailer(line: string): void {
    if (line === '') {
      this.isDone = true;
      return;
    }
    this.#spend(line.length);
    if (!isFieldLine(line) || !TRAILER_LINE.test(line)) this.fault = 'a trailer that is no field';
  }

  #spend(count: number): void {
    this.#overhead += count;
    if (this.#overhead > OVERHEAD_BYTES_MAX) this.fault = 'too many extensions or trailers';
  }
}
