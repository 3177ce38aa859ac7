import { otlpAttributes, otlpNanos, otlpScope } from './otlp-values.ts';
import type { Span } from './span.ts';

const KINDS = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
/** Of the flags: sampled; whether the parent is remote is known; it is. */
const SAMPLED = 0x01;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** The body of `POST /v1/traces` in OTLP's JSON form (opentelemetry-proto 1.x): ids are hexadecimal, enumerations numbers. */
export function otlpTraces(
  spans: readonly Span[],
  { resource, version }: { readonly resource: Readonly<Record<string, string>>; readonly version: string },
) {
  const scopeSpans = [{ scope: otlpScope(version), spans: spans.map(otlpSpan) }];
  return { resourceSpans: [{ resource: { attributes: otlpAttributes(resource) }, scopeSpans }] };
}

function otlpSpan(span: Span) {
  const { traceId, spanId, parentSpanId, state, kind, name, link, isError, isParentRemote } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(state === undefined ? {} : { traceState: state }),
    flags: SAMPLED | HAS_IS_REMOTE | (isParentRemote ? IS_REMOTE : 0),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: otlpNanos(span.startMs),
    endTimeUnixNano: otlpNanos(Math.max(span.startMs, span.endMs)),
    attributes: otlpAttributes(span.attributes),
    ...(link === undefined ? {} : { links: [otlpLink(link)] }),
    ...(isError ? { status: { code: STATUS_ERROR } } : {}),
  };
}

function otlpLink({ traceId, spanId, state, isSampled }: NonNullable<Span['link']>) {
  const flags = HAS_IS_REMOTE | IS_REMOTE | (isSampled ? SAMPLED : 0);
  return { traceId, spanId, ...(state === undefined ? {} : { traceState: state }), flags };
}
