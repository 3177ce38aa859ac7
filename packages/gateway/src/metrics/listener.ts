import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { type AddressRange, parseAddress, rangeContains } from '@steadygate/core';
import { expositionFor } from './exposition.ts';
import type { Collector } from './metric.ts';

const CONNECTIONS_MAX = 32;
const HEAD_MS = 5_000;

/** Who may read metrics on a listener of their own. */
export interface MetricsListenerOptions {
  readonly read: Collector;
  /** Addresses that are answered; all others are refused. */
  readonly from: readonly AddressRange[];
  /** Names that are answered beside addresses and `localhost`: a page whose name was bound to this address must read nothing. */
  readonly hosts: readonly string[];
}

/**
 * Serves `/metrics` and nothing else, on a listener of its own (T16). The caller binds it.
 *
 * It asks for no credential: who reaches it from a listed address may read. Bodies are never read.
 */
export function metricsListener(options: MetricsListenerOptions): Server {
  const server = createServer(
    { requestTimeout: HEAD_MS, headersTimeout: HEAD_MS, keepAliveTimeout: 65_000, maxHeaderSize: 8 * 1024 },
    (request, response) => answer(options, request, response),
  );
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

function answer(options: MetricsListenerOptions, request: IncomingMessage, response: ServerResponse): void {
  const status = refusalOf(options, request);
  response.setHeader('cache-control', 'no-store').setHeader('x-content-type-options', 'nosniff');
  if (status === undefined) {
    const form = expositionFor(request.headers.accept);
    response.setHeader('content-type', form.contentType).end(form.write(options.read()));
    return;
  }
  // What it sends further is none of ours.
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(REFUSALS[status]);
}

type Status = 403 | 404 | 405 | 421;

const REFUSALS: Readonly<Record<Status, string>> = {
  403: 'This address is not listed in listen.metrics.from.\n',
  404: 'Only /metrics is served here.\n',
  405: 'Only GET and HEAD are answered.\n',
  421: 'This host is not listed in listen.metrics.hosts.\n',
};

function refusalOf({ from, hosts }: MetricsListenerOptions, request: IncomingMessage): Status | undefined {
  const peer = parseAddress(request.socket.remoteAddress ?? '');
  if (peer === undefined || !from.some((range) => rangeContains(range, peer))) return 403;
  if (!isAnswered(request.headers.host ?? '', hosts)) return 421;
  if (request.method !== 'GET' && request.method !== 'HEAD') return 405;
  return request.url?.split('?', 1)[0] === '/metrics' ? undefined : 404;
}

/** Addresses and `localhost` cannot be bound by somebody else's name server; other names are answered when they are listed. */
function isAnswered(host: string, hosts: readonly string[]): boolean {
  const lower = host.toLowerCase();
  const name = lower.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0 || hosts.includes(lower) || hosts.includes(name);
}
