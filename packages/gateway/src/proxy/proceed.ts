import { firstHeader, ProblemError } from '@steadygate/core';
import type { CanonicalRequest, HeaderList } from '@steadygate/core';
import type { Admitted, Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { ownHeaders, tellRefusal } from './own-answer.ts';
import type { Plane } from './plane.ts';

/**
 * Where an admitted request goes: to the gate's own routes or to its upstream.
 *
 * @throws ProblemError what keeps it from going there
 */
export function proceed(
  plane: Plane,
  exchange: Exchange,
  { admitted, nowMs }: { admitted: Admitted; nowMs: number },
): void | Promise<void> {
  const { policy } = admitted.match.route;
  if (policy.upstream === undefined) return toControl(plane, exchange, { admitted, nowMs });
  // The guards refuse both before; what they would miss must not reach an upstream.
  if (policy.deny || admitted.match.operation === 'undeclared') throw new ProblemError('not-found');
  if (isRootWorker(admitted.request)) throw new ProblemError('path-refused');
  return forward(plane, { exchange, admitted, nowMs });
}

function toControl(
  { deps }: Plane,
  exchange: Exchange,
  { admitted, nowMs }: { admitted: Admitted; nowMs: number },
): void | Promise<void> {
  const { request, match, decision, body } = admitted;
  setHeaders(exchange, ownHeaders(exchange));
  if (match.route.policy.access !== 'public') exchange.response.setHeader('cache-control', 'private, no-store');
  const { principal } = decision;
  const refused = (problem: ProblemError): void => tellRefusal(exchange, 'operation', problem);
  return deps.control(exchange.incoming, exchange.response, {
    request,
    decision,
    principal,
    match,
    body,
    nowMs,
    refused,
  });
}

function setHeaders({ response }: Exchange, headers: HeaderList): void {
  for (let at = 0; at + 1 < headers.length; at += 2) response.appendHeader(headers[at] ?? '', headers[at + 1] ?? '');
}

/** T1: a worker script in the root directory of an upstream would rule `/auth` and `/console` of the same origin. */
function isRootWorker({ headers, path }: CanonicalRequest): boolean {
  return path.lastIndexOf('/') === 0 && firstHeader(headers, 'service-worker') !== undefined;
}
