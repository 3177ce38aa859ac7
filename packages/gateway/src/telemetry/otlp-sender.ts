import { readFileSync } from 'node:fs';
import { Agent as PlainAgent, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ExporterSettings } from './settings.ts';

const ANSWER_BYTES_MAX = 64 * 1024;
const ATTEMPTS_MAX = 4;
const FIRST_WAIT_MS = 500;
/** OTLP/HTTP: only these are worth another attempt. */
const RETRYABLE: readonly number[] = [429, 502, 503, 504];

const zipped = promisify(gzip);

/** Posts JSON to one configured address and nowhere else: no redirect is followed (T14). */
export class OtlpSender {
  readonly #settings: ExporterSettings;
  readonly #agent: PlainAgent | SecureAgent;
  readonly #onFailure: (reason: string) => void;
  readonly #closing = new AbortController();
  /** An outage is told once. */
  #isFailing = false;
  failures = 0;

  /** @param onFailure hears once of an outage, in words that hold nothing that was configured or received */
  constructor(settings: ExporterSettings, onFailure: (reason: string) => void) {
    this.#settings = settings;
    this.#onFailure = onFailure;
    const { ca, cert, key } = settings.tls;
    const tls = { ...pem('ca', ca), ...pem('cert', cert), ...pem('key', key) };
    // One connection: exports follow one another.
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = settings.url.startsWith('https:') ? new SecureAgent({ ...options, ...tls }) : new PlainAgent(options);
  }

  /** True when it arrived. Never rejects; takes `timeoutMs` at most, further attempts included. */
  async send(body: unknown): Promise<boolean> {
    const signal = AbortSignal.any([AbortSignal.timeout(this.#settings.timeoutMs), this.#closing.signal]);
    const reason = await this.#delivered(body, signal).catch(reasonOf);
    if (reason === undefined) {
      this.#isFailing = false;
      return true;
    }
    this.failures += 1;
    if (!this.#isFailing) this.#onFailure(reason);
    this.#isFailing = true;
    return false;
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closing.abort();
    this.#agent.destroy();
  }

  /** Undefined when it arrived, else why it did not. */
  async #delivered(body: unknown, signal: AbortSignal): Promise<string | undefined> {
    const text = JSON.stringify(body);
    const content = this.#settings.gzip ? await zipped(text) : text;
    for (let attempt = 1; ; attempt += 1) {
      const status = await this.#post(content, signal).catch((cause: unknown) => {
        if (attempt >= ATTEMPTS_MAX || signal.aborted) throw cause;
        return undefined;
      });
      if (status !== undefined && status >= 200 && status < 300) return undefined;
      const isFinal = attempt >= ATTEMPTS_MAX || (status !== undefined && !RETRYABLE.includes(status));
      if (isFinal) return `it answered ${status ?? 'nothing'}`;
      await pause(FIRST_WAIT_MS * 2 ** (attempt - 1), signal);
    }
  }

  #post(content: string | Buffer, signal: AbortSignal): Promise<number> {
    const { url, headers, gzip: isZipped } = this.#settings;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const begin = url.startsWith('https:') ? secure : plain;
    const outgoing = begin(url, {
      method: 'POST',
      agent: this.#agent,
      signal,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
        'user-agent': 'steadygate',
        ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (answer) => {
      let bytes = 0;
      // What it says is of no use; a connection that says too much is none to keep.
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) answer.destroy();
      });
      answer.once('error', reject).once('close', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.end(content);
    return promise;
  }
}

function pem<Key extends string>(key: Key, path: string | undefined): { readonly [key in Key]?: string } {
  // One entry of the key that was named; an object literal with a computed key forgets that.
  return path === undefined ? {} : ({ [key]: readFileSync(path, 'utf8') } as { readonly [key in Key]?: string });
}

/** Codes only: messages may quote addresses. */
function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return `it failed: ${cause.code}`;
  return cause instanceof Error ? `it failed: ${cause.name}` : 'it failed';
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms).unref();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
