import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from './problem.ts';

/** One request on its way; `id` is the `{id}` of the route's path, or empty. */
export type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
};

const BODY_BYTES_MAX = 256 * 1024;

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/**
 * Reads a JSON body of at most 256 KiB.
 *
 * @throws ProblemError `too-large`, `unsupported-media-type`, `bad-request`
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  assertJsonType(request.headers['content-type']);
  const bytes = await readBytes(request);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProblemError('bad-request', 'The body is not JSON.');
  }
}

function assertJsonType(contentType: string | undefined): void {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === undefined || mediaType === 'application/json') return;
  throw new ProblemError('unsupported-media-type', 'Send the body as application/json.');
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    // What is too much is still read and thrown away, or the caller could not read the refusal.
    if (size <= BODY_BYTES_MAX) chunks.push(chunk);
    else reject(new ProblemError('too-large', 'The body may have 256 KiB.'));
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', (cause) => reject(new ProblemError('bad-request', `The body broke off: ${cause.message}`)));
  return promise;
}

/**
 * Takes a text field out of a body, trimmed.
 *
 * @throws ProblemError `bad-request` if it is absent, blank or longer than `charsMax`
 */
export function textField(body: unknown, name: string, charsMax: number): string {
  const value = isRecord(body) ? body[name] : undefined;
  if (typeof value === 'string' && value.trim() !== '' && value.length <= charsMax) return value.trim();
  throw new ProblemError('bad-request', `"${name}" must be text of 1 to ${charsMax} characters.`);
}

/**
 * Takes a list of texts out of a body.
 *
 * @throws ProblemError `bad-request` if it is absent, longer than `itemsMax`, or holds anything but text
 */
export function textListField(body: unknown, name: string, itemsMax: number): readonly string[] {
  const value = isRecord(body) ? body[name] : undefined;
  if (Array.isArray(value) && value.length <= itemsMax && value.every(isText)) return value;
  throw new ProblemError('bad-request', `"${name}" must be a list of at most ${itemsMax} texts.`);
}

/** Tells an object with named members from every other JSON value. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
