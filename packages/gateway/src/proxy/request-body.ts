import type { IncomingMessage, ServerResponse } from 'node:http';
import { firstHeader, parseStrictJson, ProblemError } from '@steadygate/core';
import type { BodyText, CanonicalRequest, RequestBody } from '@steadygate/core';
import { BodyStream, tooLarge } from './body-stream.ts';
import type { BodyLimits } from './body-stream.ts';
import { isDecodable, unpacked } from './content-encoding.ts';
import type { Stopwatch } from './stopwatch.ts';

/** What a body is read from. */
export interface BodySource {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly request: CanonicalRequest;
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Stands still while the client is waited for. */
  readonly watch?: Pick<Stopwatch, 'away' | 'back'>;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json[\t ]*(?:;[\t ]*charset=(?:"utf-8"|utf-8|us-ascii)[\t ]*)?$/i;

/**
 * The body of one request: read whole when a guard asks, otherwise streamed.
 *
 * Nothing is read, and no `100 Continue` is sent, before somebody asks; so a refused request costs no upload.
 */
export class IncomingBody implements RequestBody {
  readonly #source: BodySource;
  readonly #limits: BodyLimits;
  #bytes: Promise<Uint8Array> | undefined;
  #packed: Promise<Uint8Array> | undefined;
  #buffered: Uint8Array | undefined;
  #stream: BodyStream | undefined;

  constructor(source: BodySource, limits: BodyLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  bytes(): Promise<Uint8Array> {
    this.#bytes ??= this.#readAll();
    return this.#bytes;
  }

  async json(): Promise<unknown> {
    const bytes = await this.bytes();
    if (bytes.length === 0) return undefined;
    // Read as JSON here and as a form or in UTF-7 upstream, one body would name two objects.
    const type = firstHeader(this.#source.request.headers, 'content-type') ?? '';
    if (!JSON_TYPE.test(type)) {
      throw new ProblemError('media-type-refused', { detail: 'Send the body as application/json in UTF-8.' });
    }
    return parseBody(bytes);
  }

  async text(): Promise<BodyText> {
    const encoding = firstHeader(this.#source.request.headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
    if (!isDecodable(encoding)) {
      throw new ProblemError('media-type-refused', { detail: 'Send the body as it is, or with gzip, deflate or br.' });
    }
    this.#packed ??= this.#readPacked();
    const bytes = await unpacked(await this.#packed, encoding, this.#limits.bytesMax);
    const text = utf8(bytes);
    return text === undefined ? { text: Buffer.from(bytes).toString('latin1'), isUtf8: false } : { text, isUtf8: true };
  }

  /** The bytes that a guard has read, what is still to come, or nothing: exactly what the upstream may get. */
  forUpstream(): Uint8Array | BodyStream | undefined {
    if (this.#buffered !== undefined) return this.#buffered.length === 0 ? undefined : this.#buffered;
    if (this.#source.request.bodyBytes === 0) return undefined;
    return this.#open();
  }

  /** Stops reading, when nobody wants the rest. */
  stop(): void {
    this.#stream?.destroy();
  }

  async #readAll(): Promise<Uint8Array> {
    if (this.#source.request.bodyBytes === 0) return (this.#buffered = new Uint8Array());
    const encoding = firstHeader(this.#source.request.headers, 'content-encoding');
    // What is compressed cannot be inspected, and unpacking it would invite bombs.
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      throw new ProblemError('media-type-refused', { detail: 'Send the body without Content-Encoding.' });
    }
    this.#packed ??= this.#readPacked();
    return this.#packed;
  }

  /** As it came, content encoding and all; at most once. */
  async #readPacked(): Promise<Uint8Array> {
    if (this.#source.request.bodyBytes === 0) return (this.#buffered = new Uint8Array());
    const chunks: Buffer[] = [];
    const { watch } = this.#source;
    watch?.away();
    try {
      for await (const chunk of this.#open()) {
        // `BodyStream` pushes what `IncomingMessage` gives: buffers.
        chunks.push(chunk as Buffer);
      }
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      // Whoever sent it has left: anybody can do so, and it is no fault of the program.
      throw new ProblemError('body-invalid', { detail: 'The body broke off.' }, { cause });
    } finally {
      watch?.back();
    }
    this.#buffered = Buffer.concat(chunks);
    return this.#buffered;
  }

  #open(): BodyStream {
    const { incoming, response, request, expectsContinue } = this.#source;
    if ((request.bodyBytes ?? 0) > this.#limits.bytesMax) {
      throw new ProblemError('body-too-large', { detail: tooLarge(this.#limits.bytesMax) });
    }
    if (this.#stream === undefined) {
      if (expectsContinue) response.writeContinue();
      this.#stream = new BodyStream(incoming, this.#limits);
    }
    return this.#stream;
  }
}

function parseBody(bytes: Uint8Array): unknown {
  const parsed = parseStrictJson(decoded(bytes));
  if (parsed.ok) return parsed.value;
  throw invalid(new Error(`${parsed.rule} at ${parsed.at}`));
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(cause);
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function invalid(cause: unknown): ProblemError {
  const detail = 'The body is not JSON in valid UTF-8, or has a key twice.';
  return new ProblemError('body-invalid', { detail }, { cause });
}
