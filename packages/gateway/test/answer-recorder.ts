import { ClientRequest } from 'node:http';
import { Duplex } from 'node:stream';
import { AnswerReader } from '../src/proxy/upstream/answer-reader.ts';

/** What became of the bytes that an upstream sent for one request. */
export interface ReadAnswer {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
  /** `open`: not at its end; `exact` and `last`: complete, with and without a connection that goes on. */
  readonly end: 'open' | 'exact' | 'last';
  readonly fault: string | undefined;
}

/** Reads pieces as our reader does; `closes`: the connection ends after them. */
export function readPieces(
  pieces: readonly Buffer[],
  { isHead = false, closes = false }: { isHead?: boolean; closes?: boolean } = {},
): ReadAnswer {
  let status: number | undefined;
  let headers: readonly string[] = [];
  let body = '';
  let end: ReadAnswer['end'] = 'open';
  let fault: string | undefined;
  const reader = new AnswerReader({
    head: (head) => {
      status = head.status;
      headers = head.headers;
    },
    data: (bytes) => (body += bytes.toString('latin1')),
    end: (isExact) => (end = isExact ? 'exact' : 'last'),
  });
  reader.begin(isHead);
  // Read into one piece of memory, as connections do: whoever keeps a piece of it is found out.
  const shared = Buffer.alloc(64 * 1024);
  for (const piece of pieces) {
    piece.copy(shared);
    fault ??= reader.read(shared.subarray(0, piece.length));
    shared.fill(0x58);
  }
  if (closes && fault === undefined && end === 'open') fault = reader.eof();
  return { status, headers, body, end, fault };
}

/** Cuts bytes at places. */
export function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [0, ...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index] ?? 0, end));
}

/** The same bytes as Node's own client reads them; undefined when it refuses them or they are incomplete. */
export function readByNode(
  bytes: Buffer,
  { isHead = false }: { isHead?: boolean } = {},
): Promise<Pick<ReadAnswer, 'status' | 'headers' | 'body'> | undefined> {
  const { promise, resolve } = Promise.withResolvers<Pick<ReadAnswer, 'status' | 'headers' | 'body'> | undefined>();
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
  });
  const request = new ClientRequest({
    host: 'a',
    method: isHead ? 'HEAD' : 'GET',
    maxHeaderSize: 64 * 1024,
    createConnection: () => socket,
  });
  request.on('error', () => resolve(undefined));
  request.on('upgrade', () => resolve(undefined));
  request.on('response', (response) => {
    let body = '';
    response.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    response.on('error', () => resolve(undefined));
    response.on('end', () => {
      const headers = response.rawHeaders.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
      resolve(response.complete ? { status: response.statusCode, headers, body } : undefined);
    });
  });
  request.end();
  setImmediate(() => {
    socket.push(bytes);
    socket.push(null);
  });
  return promise.finally(() => socket.destroy());
}
