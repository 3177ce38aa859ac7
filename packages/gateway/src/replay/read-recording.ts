import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readCombinedLine } from './combined-log.ts';
import { readHar } from './har.ts';
import { readJsonLine } from './json-lines.ts';
import { linesOf } from './lines.ts';
import { type Recorded, unreadable } from './recorded-request.ts';

/** How a recording is written. */
export const RECORDING_FORMATS = ['combined', 'jsonl', 'har'] as const;
export type RecordingFormat = (typeof RECORDING_FORMATS)[number];

/** An archive is one JSON value, and read whole. */
const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024;

/** The recording as a whole cannot be read. The message says what would help. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/**
 * The requests of a recording in their order, and the places that hold none.
 *
 * Lines are read as they come, so a log may be of any size. What is packed with gzip is unpacked. Without `format` the first
 * bytes tell it. @throws RecordingError
 */
export async function* readRecording(source: Readable, format?: RecordingFormat): AsyncGenerator<Recorded> {
  const chunks = await peeked(source);
  if (chunks === undefined) return;
  const found = format ?? formatOf(chunks.head);
  try {
    if (found === 'har') yield* archive(chunks.all);
    else yield* lines(chunks.all, found === 'jsonl' ? readJsonLine : readCombinedLine);
  } catch (cause) {
    if (isPackingFault(cause)) throw new RecordingError('The file begins like gzip and does not unpack.', { cause });
    throw cause;
  }
}

interface Peeked {
  readonly head: Buffer;
  readonly all: AsyncIterable<Buffer>;
}

/** The chunks, unpacked, with a look at the first; undefined when there is none. */
async function peeked(source: Readable): Promise<Peeked | undefined> {
  const first = await peek(source);
  if (first === undefined) return undefined;
  const isPacked = first.head[0] === 0x1f && first.head[1] === 0x8b;
  // The cause of a broken source must reach the reader: `pipe` alone would swallow it.
  return isPacked ? peek(unpacking(first.all)) : first;
}

async function peek(source: AsyncIterable<Buffer>): Promise<Peeked | undefined> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return undefined;
  const head = first.value;
  return {
    head,
    all: (async function* all() {
      yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    })(),
  };
}

async function* unpacking(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(packed);
  const gunzip = createGunzip();
  source.on('error', (cause) => gunzip.destroy(cause));
  // Gunzip gives buffers: no encoding is set.
  for await (const chunk of source.pipe(gunzip)) yield chunk as Buffer;
}

function formatOf(head: Buffer): RecordingFormat {
  const start = head
    .subarray(0, 1024)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (!start.startsWith('{')) return 'combined';
  return /^\{\s*"log"\s*:/.test(start) ? 'har' : 'jsonl';
}

async function* lines(
  chunks: AsyncIterable<Buffer>,
  read: (line: string, place: number) => Recorded,
): AsyncGenerator<Recorded> {
  let place = 0;
  for await (const line of linesOf(chunks)) {
    place += 1;
    if (line === undefined) yield unreadable(place, 'is too long for a request');
    else if (line.trim() !== '') yield read(line, place);
  }
}

async function* archive(chunks: AsyncIterable<Buffer>): AsyncGenerator<Recorded> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > ARCHIVE_BYTES_MAX) {
      throw new RecordingError('An HTTP archive is read whole, up to 256 MiB. Split it, or convert it to JSON lines.');
    }
    parts.push(chunk);
  }
  const entries = readHar(
    Buffer.concat(parts)
      .toString('utf8')
      .replace(/^\ufeff/, ''),
  );
  if (entries === undefined) throw new RecordingError('The file is no HTTP archive: `log.entries` is missing.');
  yield* entries;
}

function isPackingFault(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_');
}
