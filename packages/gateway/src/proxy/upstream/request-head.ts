import { firstHeader } from '@steadygate/core';
import type { HeaderList } from '@steadygate/core';
import { unsendableReason } from '../sendable.ts';
import type { UpstreamRequest } from '../upstream-client.ts';

/** A request as it is written. */
export interface WrittenRequest {
  /** Up to and with the empty line; each character one octet. */
  readonly head: string;
  /** How many bytes of body follow; undefined when they are sent in chunks. */
  readonly bodyBytes: number | undefined;
}

/** Methods whose content has a meaning: without any, they say so (RFC 9110 §8.6). */
const WITH_CONTENT = new Set(['POST', 'PUT', 'PATCH']);

/** Writes a request's head, or says why the request must not be sent: what was judged is what is sent, byte for byte. */
export function writeRequest(request: UpstreamRequest): WrittenRequest | { readonly reason: string } {
  const reason = unsendableReason(request);
  if (reason !== undefined) return { reason };
  const declared = firstHeader(request.headers, 'content-length');
  const bodyBytes = lengthOf(request, declared);
  if (bodyBytes === 'mismatch') return { reason: 'content-length' };
  const framing = declared === undefined ? framingOf(request, bodyBytes) : '';
  return {
    head: `${request.method} ${request.target} HTTP/1.1\r\n${linesOf(request.headers)}${framing}\r\n`,
    bodyBytes,
  };
}

function linesOf(headers: HeaderList): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    lines += `${name}: ${headers[at + 1] ?? ''}\r\n`;
    if (name === 'host') lines += 'connection: keep-alive\r\n';
  }
  return lines;
}

/** A length that is not the body's would leave bytes that the upstream takes for another request. */
function lengthOf({ body }: UpstreamRequest, declared: string | undefined): number | undefined | 'mismatch' {
  const known = body === undefined ? 0 : body instanceof Uint8Array ? body.length : undefined;
  if (declared === undefined) return known;
  return known === undefined || known === Number(declared) ? Number(declared) : 'mismatch';
}

function framingOf({ method }: UpstreamRequest, bodyBytes: number | undefined): string {
  if (bodyBytes === undefined) return 'transfer-encoding: chunked\r\n';
  return bodyBytes > 0 || WITH_CONTENT.has(method) ? `content-length: ${bodyBytes}\r\n` : '';
}
