import type { RawRequest } from '@steadygate/core';
import type { RecordedRequest } from './recorded-request.ts';

/** An address that nobody has (RFC 5737), for logs that name none. */
const NOBODY = '192.0.2.1';
/** Framing is that of the recorded body, whatever the recorded fields say; an upgrade is judged as the request that asks for it. */
const REPLACED: ReadonlySet<string> = new Set(
  'content-length transfer-encoding connection keep-alive proxy-connection te trailer upgrade expect'.split(' '),
);

/** A recorded request as the socket would have given it. */
export function rawRequestOf({ method, target, headers, address, body }: RecordedRequest): RawRequest {
  const fields = kept(headers);
  if (!fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')) fields.push('host', 'replay.invalid');
  if (body !== undefined && body.length > 0) fields.push('content-length', String(body.length));
  return {
    method: method.toUpperCase(),
    target: octets(target),
    rawHeaders: fields,
    peerAddress: address ?? NOBODY,
    tls: false,
    httpVersion: '1.1',
  };
}

function kept(headers: readonly string[]): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!REPLACED.has(name.toLowerCase())) fields.push(name, octets(headers[at + 1] ?? ''));
  }
  return fields;
}

/** One character for each octet, as Node gives heads. */
function octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}
