import {
  type CanonicalRequest,
  type DecisionRecord,
  type HeaderList,
  parseAddress,
  parseTraceContext,
  rangeContains,
  type TraceContext,
  traceHeaders,
} from '@steadygate/core';
import type { Exchange } from './exchange.ts';
import type { Plane } from './plane.ts';

/** What a request says of the trace that it belongs to. */
export interface InboundTrace {
  readonly context: TraceContext | undefined;
  /** A listed proxy wrote it: the trace goes on. Anybody else's is a link at most, and decides nothing. */
  readonly isTrusted: boolean;
}

/** Follows requests where somebody asked for traces. Implemented in `telemetry`. */
export interface Tracer {
  begin(inbound: InboundTrace): RequestTrace;
}

/** One request's place in a trace. */
export interface RequestTrace {
  readonly traceId: string;
  /** What the upstream is told of the trace, whichever target is asked. */
  readonly fields: HeaderList;
  /** Follows one attempt at a target; absent where attempts are not followed. */
  readonly attempt?: (url: URL) => AttemptTrace;
  /** The request is over: its span is a view of its record. */
  end(record: DecisionRecord): void;
}

/** One attempt at a target. */
export interface AttemptTrace {
  /** What this target is told: the attempt is the parent of what it does. */
  readonly fields: HeaderList;
  answered(status: number): void;
  /** `failure`: the problem's code. Once. */
  end(failure?: string): void;
}

/**
 * Gives a request its place in a trace, once its head was read or refused.
 *
 * Without a tracer a listed proxy's context goes on as it is, and nobody else's does: a client must not choose what an application
 * records, nor plant the ids of somebody else's trace.
 */
export function beginTrace({ deps }: Plane, exchange: Exchange, request: CanonicalRequest | undefined): void {
  const { trustedProxies } = exchange.generation.canonical;
  const { tracer } = deps;
  if (tracer === undefined && trustedProxies.length === 0) return;
  const context = request === undefined ? undefined : parseTraceContext(request.headers);
  const isTrusted = context !== undefined && isFrom(trustedProxies, request?.peerAddress ?? '');
  if (tracer !== undefined) exchange.trace = tracer.begin({ context, isTrusted });
  else if (isTrusted) exchange.trace = passedOn(context);
}

function isFrom(ranges: Exchange['generation']['canonical']['trustedProxies'], text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && ranges.some((range) => rangeContains(range, address));
}

function passedOn(context: TraceContext): RequestTrace {
  return { traceId: context.traceId, fields: traceHeaders(context), end: () => undefined };
}
