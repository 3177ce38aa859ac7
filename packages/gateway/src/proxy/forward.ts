import { ProblemError, upstreamHeaders } from '@steadygate/core';
import type { CanonicalRequest, HeaderList } from '@steadygate/core';
import { AnswerHandler } from './answer-handler.ts';
import { answerRule } from './answer-rule.ts';
import type { AnswerRule } from './answer-rule.ts';
import { answerWatch } from './answer-watch.ts';
import { BodyStream } from './body-stream.ts';
import type { Admitted, Exchange } from './exchange.ts';
import type { Upstream } from './generation.ts';
import type { Plane } from './plane.ts';
import { operationOf } from './reauthorise.ts';
import type { RequestTrace } from './tracing.ts';

/** An admitted request on its way up. */
export interface Outgoing {
  readonly exchange: Exchange;
  readonly admitted: Admitted;
  readonly nowMs: number;
}

/**
 * Sends an admitted request to its upstream; the answer goes its own way from there.
 *
 * Nothing is awaited unless the assertion must be signed or a chunked body has not begun.
 *
 * @throws ProblemError what keeps the request from being sent
 */
export function forward(plane: Plane, outgoing: Outgoing): void | Promise<void> {
  const { exchange, admitted } = outgoing;
  const upstream = upstreamOf(exchange, admitted);
  const identity = identityHeaders(plane, outgoing, upstream);
  const body = admitted.body.forUpstream();
  if (!(identity instanceof Promise) && !mustBegin(body, admitted.request)) {
    dispatch(plane, outgoing, { upstream, identity, body });
    return undefined;
  }
  const awaited = mustBegin(body, admitted.request) ? body : undefined;
  if (awaited !== undefined) exchange.watch.away();
  return ready(identity, awaited).then((set) => {
    dispatch(plane, outgoing, { upstream, identity: set, body });
  });
}

/** A chunked body whose first chunk is malformed must not have reached the upstream. */
function mustBegin(body: Sendable['body'], request: CanonicalRequest): body is BodyStream {
  return request.bodyBytes === undefined && body instanceof BodyStream;
}

async function ready(identity: HeaderList | Promise<HeaderList>, body: BodyStream | undefined): Promise<HeaderList> {
  const [set] = await Promise.all([identity, body?.started()]);
  return set;
}

interface Sendable {
  readonly upstream: Upstream;
  readonly identity: HeaderList;
  readonly body: Uint8Array | BodyStream | undefined;
}

function dispatch(plane: Plane, outgoing: Outgoing, { upstream, identity, body }: Sendable): void {
  const { exchange, admitted, nowMs } = outgoing;
  if (exchange.isOver) return;
  const { request } = admitted;
  const rule = answerRule(request.method, operationOf(admitted), exchange.generation);
  const handler = new AnswerHandler(plane, { exchange, admitted, rule, nowMs });
  const { trace } = exchange;
  const headers = outgoingHeaders(admitted, { upstream, identity, rule, trace });
  const { timeouts } = exchange.generation;
  exchange.watch.sent(upstream.name);
  // What has come to its end already needs no stream, and no chunks.
  const whole = body instanceof BodyStream ? (body.whole() ?? body) : body;
  const sent = { method: rule.method, target: targetOf(request), headers, body: whole, timeouts, trace };
  handler.attach(upstream.pool.dispatch(sent, answerWatch(handler, { exchange, admitted })));
}

/** The upstream that a route names. */
export function upstreamOf(exchange: Exchange, { match }: Admitted): Upstream {
  const upstream = exchange.generation.upstreams.get(match.route.policy.upstream ?? '');
  if (upstream === undefined)
    throw new ProblemError('internal', {}, { cause: new Error('The route has no upstream.') });
  return upstream;
}

/** Path and query as they were judged. */
export function targetOf({ path, query }: CanonicalRequest): string {
  return query === '' ? path : `${path}?${query}`;
}

/** Who calls, and which request this is, as the upstream is told (SB20). */
export function identityHeaders(
  { deps }: Plane,
  { exchange, admitted, nowMs }: Outgoing,
  upstream: Upstream,
): HeaderList | Promise<HeaderList> {
  const { decision, match, request } = admitted;
  if (decision.principal === undefined) return ['x-steadygate-request-id', exchange.requestId];
  const binding = match.route.policy.assertion;
  return deps.assertions.headersFor({ principal: decision.principal, upstream, request, binding, nowMs });
}

/** The whole header set for the upstream. */
export function outgoingHeaders(
  { request, match }: Admitted,
  facts: {
    readonly upstream: Upstream;
    readonly identity: HeaderList;
    readonly rule: Pick<AnswerRule, 'rewritten'>;
    readonly trace: RequestTrace | undefined;
  },
): HeaderList {
  const { identity, trace } = facts;
  const { inject } = facts.upstream;
  const isPlain = inject.length === 0 && trace === undefined;
  return upstreamHeaders(request, {
    host: facts.upstream.pool.host,
    set: isPlain ? identity : [...inject, ...identity, ...(trace?.fields ?? [])],
    keepAuthorization: match.route.policy.access === 'public',
    identityEncoding: facts.rule.rewritten,
  });
}
