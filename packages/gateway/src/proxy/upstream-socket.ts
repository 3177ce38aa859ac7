import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { firstHeader, type HeaderList } from '@steadygate/core';
import { certifiedAs, originOf } from './upstream/open-socket.ts';
import type { UpstreamSocketRequest } from './upstream-client.ts';

/**
 * Opens a WebSocket to an upstream with exactly the given target and header fields. Over TLS it wants a certificate for what
 * `host` names.
 */
export function openUpstreamSocket(url: URL, request: UpstreamSocketRequest): WebSocket {
  const { target, headers, protocols, messageBytesMax, timeouts } = request;
  const { isTls, host, port, certified } = originOf(url, firstHeader(headers, 'host'));
  return new WebSocket(`${isTls ? 'wss' : 'ws'}://${url.host}/`, [...protocols], {
    headers: grouped(headers),
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
    handshakeTimeout: timeouts.headersMs,
    followRedirects: false,
    ...(isTls ? { createConnection: () => connectTls({ host, port, ...certifiedAs(certified) }) } : {}),
    finishRequest(outgoing) {
      // A URL would spell the target its own way; what was judged is what is sent.
      outgoing.path = target;
      outgoing.end();
    },
  });
}

function grouped(headers: HeaderList): Record<string, string | string[]> {
  const fields = new Map<string, string[]>();
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    fields.set(name, [...(fields.get(name) ?? []), headers[at + 1] ?? '']);
  }
  return Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}
