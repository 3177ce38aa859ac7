/** The body is in chunks (RFC 9112 §7.1). */
export const CHUNKED = -1;
/** The body ends as the connection does. */
export const UNTIL_CLOSE = -2;

/** How an answer's body ends, and what becomes of the connection afterwards. */
export interface Framing {
  /** How many bytes of body follow, or `CHUNKED`, or `UNTIL_CLOSE`. */
  readonly bodyBytes: number;
  /** Whether the connection may serve another request after this answer. */
  readonly keepsAlive: boolean;
  /** For how long the upstream says that it keeps the idle connection; undefined when it says nothing. */
  readonly keepAliveSeconds: number | undefined;
}

/** The fields that say something about framing. */
export type FramingField = 'content-length' | 'transfer-encoding' | 'connection' | 'keep-alive';

/** What else an answer's framing depends on. */
export interface FramingContext {
  readonly status: number;
  /** HTTP/1.1, not 1.0. */
  readonly isModern: boolean;
  /** The request's method was HEAD. */
  readonly isHead: boolean;
}

/** Beyond this a number is no exact count of bytes. */
const LENGTH = /^\d{1,15}$/;

/** What the fields of one answer say about its framing; there is one reading of them or none (RFC 9112 §6.3). */
export class FramingFields {
  #length: number | undefined;
  #isChunked = false;
  #closes = false;
  #keepAliveSeconds: number | undefined;

  /** Takes a field down; gives the fault when there is no one reading of it. */
  note(field: FramingField, value: string): string | undefined {
    switch (field) {
      case 'content-length':
        return this.#noteLength(value);
      case 'transfer-encoding':
        return this.#noteCoding(value);
      case 'connection':
        this.#closes ||= closes(value);
        return undefined;
      case 'keep-alive':
        this.#keepAliveSeconds = keepAliveSeconds(value);
        return undefined;
    }
  }

  /** The framing, or why there is no one reading of it. */
  framing(context: FramingContext): Framing | string {
    const fault = this.#fault(context);
    if (fault !== undefined) return fault;
    const bodyBytes = this.#bodyBytes(context);
    // RFC 9110 §8.6: 204 has neither. Who says that it has may send it as well.
    const isSane = context.status !== 204 || (!this.#isChunked && (this.#length ?? 0) === 0);
    const keepsAlive = context.isModern && isSane && !this.#closes && bodyBytes !== UNTIL_CLOSE;
    return { bodyBytes, keepsAlive, keepAliveSeconds: this.#keepAliveSeconds };
  }

  #noteLength(value: string): string | undefined {
    // Equal ones too: RFC 9110 §8.6 lets a recipient refuse them.
    if (this.#length !== undefined) return 'two lengths';
    if (!LENGTH.test(value)) return 'a length that is none';
    this.#length = Number(value);
    return undefined;
  }

  #noteCoding(value: string): string | undefined {
    if (this.#isChunked) return 'two codings';
    // RFC 9112 §7: of `gzip, chunked` a compressed body is left, of which no field tells.
    if (value.toLowerCase() !== 'chunked') return 'a coding other than chunked';
    this.#isChunked = true;
    return undefined;
  }

  #fault({ status, isModern }: FramingContext): string | undefined {
    if (this.#isChunked && this.#length !== undefined) return 'a length beside a coding';
    if (this.#isChunked && !isModern) return 'a coding in HTTP/1.0';
    // RFC 9110 §15.2: HTTP/1.0 has no interim answers.
    if (status < 200 && !isModern) return 'an interim answer in HTTP/1.0';
    // RFC 9110 §8.6, RFC 9112 §6.1: interim answers have neither. Some reader could take what follows for their body.
    const isFramed = this.#isChunked || this.#length !== undefined;
    return status < 200 && isFramed ? 'framing in an interim answer' : undefined;
  }

  /** RFC 9112 §6.3, in its order. */
  #bodyBytes({ status, isHead }: FramingContext): number {
    if (isHead || status < 200 || status === 204 || status === 304) return 0;
    return this.#isChunked ? CHUNKED : (this.#length ?? UNTIL_CLOSE);
  }
}

function closes(value: string): boolean {
  if (value === 'keep-alive') return false;
  return value.split(',').some((option) => option.trim().toLowerCase() === 'close');
}

function keepAliveSeconds(value: string): number | undefined {
  const found = /(?:^|[,\s])timeout=(\d{1,9})(?:$|[,\s])/i.exec(value);
  return found === null ? undefined : Number(found[1]);
}
