import { type DecisionRecord, type HeaderList, type Random, type TraceContext, traceHeaders } from '@steadygate/core';
import type { AttemptTrace, InboundTrace, RequestTrace, Tracer } from '../proxy/tracing.ts';
import type { Sampler } from './sampler.ts';
import type { Span } from './span.ts';

export interface TracerDeps {
  readonly sampler: Sampler;
  /** Whether W3C trace context is read and sent. */
  readonly propagates: boolean;
  readonly random: Random;
  readonly monotonicMs: () => number;
  /** Takes the spans of one request, the server's first. */
  readonly onSpans: (spans: readonly Span[]) => void;
}

/**
 * Follows requests as OpenTelemetry does: one server span for each, one client span for each attempt at a target.
 *
 * A trusted caller's trace goes on; anybody else's is a link, and decides neither ids nor sampling.
 */
export function otelTracer(deps: TracerDeps): Tracer {
  return {
    begin({ context, isTrusted }: InboundTrace) {
      const parent = deps.propagates && isTrusted ? context : undefined;
      const traceId = parent?.traceId ?? hexOf(deps.random, 16);
      const place = { traceId, spanId: hexOf(deps.random, 8), state: parent?.state };
      if (!deps.sampler(parent, traceId)) return unrecorded(deps, place);
      return new RecordedTrace(deps, { ...place, parent, link: deps.propagates && !isTrusted ? context : undefined });
    },
  };
}

interface Place {
  readonly traceId: string;
  readonly spanId: string;
  readonly state: string | undefined;
}

interface RequestPlace extends Place {
  /** Of a trusted caller. */
  readonly parent: TraceContext | undefined;
  /** Of anybody else. */
  readonly link: TraceContext | undefined;
}

/** The upstream is told that this trace is not recorded, so that no part of it is. */
function unrecorded({ propagates }: TracerDeps, place: Place): RequestTrace {
  const fields = propagates ? traceHeaders({ ...place, isSampled: false }) : [];
  return { traceId: place.traceId, fields, end: () => undefined };
}

class RecordedTrace implements RequestTrace {
  readonly traceId: string;
  readonly fields: HeaderList;
  readonly #deps: TracerDeps;
  readonly #place: RequestPlace;
  readonly #startedMs: number;
  readonly #attempts: Attempt[] = [];

  constructor(deps: TracerDeps, place: RequestPlace) {
    this.traceId = place.traceId;
    this.fields = deps.propagates && place.state !== undefined ? ['tracestate', place.state] : [];
    this.#deps = deps;
    this.#place = place;
    this.#startedMs = deps.monotonicMs();
  }

  attempt(url: URL): AttemptTrace {
    const place = { ...this.#place, spanId: hexOf(this.#deps.random, 8) };
    const attempt = new Attempt(this.#deps, place, url);
    this.#attempts.push(attempt);
    return attempt;
  }

  end(record: DecisionRecord): void {
    const { spanId } = this.#place;
    // Offsets of one clock that never goes back, from the moment at which the request began.
    const at = (monotonicMs: number): number => record.atMs + Math.max(0, monotonicMs - this.#startedMs);
    const children = this.#attempts.map((attempt, resends) =>
      attempt.span({ record, parentSpanId: spanId, at, resends }),
    );
    this.#deps.onSpans([serverSpan(this.#place, record), ...children]);
  }
}

/** One attempt at a target, as it goes on. */
class Attempt implements AttemptTrace {
  readonly fields: HeaderList;
  readonly #deps: TracerDeps;
  readonly #place: Place;
  readonly #url: URL;
  readonly #startedMs: number;
  #endedMs: number | undefined;
  #status: number | undefined;
  #failure: string | undefined;

  constructor(deps: TracerDeps, place: Place, url: URL) {
    // The state stands in the fields of the request already.
    this.fields = deps.propagates ? traceHeaders({ ...place, state: undefined, isSampled: true }) : [];
    this.#deps = deps;
    this.#place = place;
    this.#url = url;
    this.#startedMs = deps.monotonicMs();
  }

  answered(status: number): void {
    this.#status = status;
  }

  end(failure?: string): void {
    this.#endedMs ??= this.#deps.monotonicMs();
    this.#failure ??= failure;
  }

  /** Of an attempt that goes on, such as an event stream, what was until now. */
  span(of: {
    readonly record: DecisionRecord;
    readonly parentSpanId: string;
    readonly at: (monotonicMs: number) => number;
    readonly resends: number;
  }): Span {
    const { traceId, spanId, state } = this.#place;
    const error = this.#failure ?? (this.#status !== undefined && this.#status >= 400 ? `${this.#status}` : undefined);
    return {
      traceId,
      spanId,
      parentSpanId: of.parentSpanId,
      isParentRemote: false,
      state,
      kind: 'client',
      name: methodOf(of.record),
      startMs: of.at(this.#startedMs),
      endMs: of.at(this.#endedMs ?? this.#deps.monotonicMs()),
      attributes: {
        ...this.#target(),
        'http.request.method': methodOf(of.record),
        ...given('http.response.status_code', this.#status),
        ...given('error.type', error),
        ...given('steadygate.upstream', of.record.took?.upstream),
        ...(of.resends === 0 ? {} : { 'http.request.resend_count': of.resends }),
      },
      link: undefined,
      isError: error !== undefined,
    };
  }

  #target(): Readonly<Record<string, string | number>> {
    const { hostname, port, protocol } = this.#url;
    const standard = protocol === 'https:' ? 443 : 80;
    return {
      'server.address': hostname.replace(/^\[|\]$/g, ''),
      'server.port': port === '' ? standard : Number(port),
      'url.scheme': protocol.slice(0, -1),
    };
  }
}

function serverSpan(place: RequestPlace, record: DecisionRecord): Span {
  const { traceId, spanId, state, parent, link } = place;
  const { status, routePath, requestId, decision, took, atMs, durationMs } = record;
  const method = methodOf(record);
  const isError = status >= 500;
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    isParentRemote: parent !== undefined,
    state,
    kind: 'server',
    // Never the path: it holds ids, and there are too many.
    name: routePath === undefined ? method : `${method} ${routePath}`,
    startMs: atMs,
    endMs: atMs + (took?.totalMs ?? durationMs),
    attributes: {
      'http.request.method': method,
      'http.response.status_code': status,
      ...given('http.route', routePath),
      ...(isError ? { 'error.type': decision.denial?.code ?? `${status}` } : {}),
      'steadygate.request.id': requestId,
      'steadygate.verdict': decision.outcome,
      ...given('steadygate.guard', decision.denial?.guard),
      ...given('steadygate.problem', decision.denial?.code),
    },
    link,
    isError,
  };
}

/** A request without canonical form has no method that could be believed. */
function methodOf({ method }: DecisionRecord): string {
  return method === '' ? '_OTHER' : method;
}

function given(name: string, value: string | number | undefined): Readonly<Record<string, string | number>> {
  return value === undefined ? {} : { [name]: value };
}

function hexOf(random: Random, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('hex');
}
