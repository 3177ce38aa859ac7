import type { IncomingMessage, ServerResponse } from 'node:http';

const BODY_BYTES_MAX = 1024 * 1024;

/** A failure whose message is safe to publish; everything else is a bug. */
export class Failure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** Answers with a table. Its cells hold nothing that a spreadsheet would run. */
export function sendCsv(response: ServerResponse, rows: readonly (readonly (string | number)[])[]): void {
  response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store' });
  response.end(rows.map((row) => `${row.join(',')}\r\n`).join(''));
}

/** Says what failed. A bug is logged and tells the caller nothing. */
export function sendFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  if (error instanceof Failure) return sendJson(response, error.status, { error: error.message });
  console.error(error);
  sendJson(response, 500, { error: 'The application failed to answer.' });
}

/** The field `text` of a JSON body. @throws Failure */
export async function readText(request: IncomingMessage): Promise<string> {
  const body = parsed(await readBytes(request));
  const text = typeof body === 'object' && body !== null && 'text' in body ? body.text : undefined;
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new Failure(400, 'Send {"text": "…"} as application/json.');
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Failure(400, 'The body is not JSON.');
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // No encoding is set: chunks are buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Failure(413, 'The body may have 1 MiB.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
