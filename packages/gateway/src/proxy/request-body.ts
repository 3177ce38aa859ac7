import type { IncomingMessage, ServerResponse } from 'node:http';
import { firstHeader, ProblemError } from '@steadygate/core';
import type { BodyText, CanonicalRequest, RequestBody } from '@steadygate/core';
import { BodyStream, tooLarge } from './body-stream.ts';
import type { BodyLimits } from './body-stream.ts';
import { assertDecodable, jsonContent, textContent } from './body-content.ts';
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
  #text: Promise<BodyText> | undefined;
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
    return jsonContent(await this.bytes(), firstHeader(this.#source.request.headers, 'content-type'));
  }

  text(): Promise<BodyText> {
    this.#text ??= this.#readText();
    return this.#text;
  }

  async #readText(): Promise<BodyText> {
    const encoding = firstHeader(this.#source.request.headers, 'content-encoding');
    assertDecodable(encoding);
    this.#packed ??= this.#readPacked();
    return textContent(await this.#packed, encoding, this.#limits.bytesMax);
  }

  /** The bytes that a guard has read, what is still to come, or nothing: exactly what the upstream may get. */
  forUpstream(): Uint8Array | BodyStream | undefined {
    if (this.#buffered !== undefined) return this.#buffered.length === 0 ? undefined : this.#buffered;
    if (this.#source.request.bodyBytes === 0) return undefined;
    return this.#open();
  }

  /** What a guard has read; undefined when none asked. */
  get held(): Uint8Array | undefined {
    return this.#buffered;
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
