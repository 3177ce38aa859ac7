import type { Decision, DecisionRecord, TraceContext } from '@steadygate/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../crypto/random.ts';
import type { RequestTrace } from '../proxy/tracing.ts';
import { otlpTraces } from './otlp-traces.ts';
import type { Span } from './span.ts';
import { otelTracer, type TracerDeps } from './tracer.ts';

const CONTEXT: TraceContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  isSampled: true,
  state: 'a=1',
};
const ALLOWED: Decision = { outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] };
const AT = 1_800_000_000_000;

let spans: Span[];
let nowMs: number;

beforeEach(() => {
  spans = [];
  nowMs = 50;
});

function begin(
  inbound: { context?: TraceContext; isTrusted?: boolean } = {},
  deps: Partial<TracerDeps> = {},
): RequestTrace {
  const tracer = otelTracer({
    sampler: (parent) => parent?.isSampled ?? true,
    propagates: true,
    random: systemRandom,
    monotonicMs: () => nowMs,
    onSpans: (more) => void spans.push(...more),
    ...deps,
  });
  return tracer.begin({ context: inbound.context, isTrusted: inbound.isTrusted ?? false });
}

function record(change: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    requestId: 'r-1',
    atMs: AT,
    method: 'GET',
    path: '/api/chats/secret-id',
    clientAddress: '192.0.2.7',
    route: 'routes[0]',
    routePath: '/api/chats/{id}',
    decision: ALLOWED,
    status: 200,
    durationMs: 12,
    answerBytes: 2,
    took: { totalMs: 12.345, addedMs: 0.2, upstream: 'app', upstreamMs: 10 },
    ...change,
  };
}

const fieldsOf = (fields: readonly string[]) =>
  Object.fromEntries(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]]] : [])));

describe('a request that nobody vouches for', () => {
  it('begins a trace of its own, and what its client named is a link', () => {
    const trace = begin({ context: CONTEXT, isTrusted: false });
    trace.end(record());
    expect(trace.traceId).toMatch(/^[\da-f]{32}$/);
    expect(trace.traceId).not.toBe(CONTEXT.traceId);
    expect(trace.fields).toEqual([]);
    expect(spans).toMatchObject([{ traceId: trace.traceId, parentSpanId: undefined, state: undefined, link: CONTEXT }]);
  });

  it('cannot have itself recorded, nor keep itself from being recorded', () => {
    const sampled: unknown[] = [];
    const sampler: TracerDeps['sampler'] = (parent) => {
      sampled.push(parent);
      return false;
    };
    begin({ context: CONTEXT }, { sampler }).end(record());
    expect([sampled, spans]).toEqual([[undefined], []]);
    begin({ context: { ...CONTEXT, isSampled: false } }).end(record());
    expect(spans).toHaveLength(1);
  });
});

describe('a request of a trusted proxy', () => {
  it('goes on in its trace', () => {
    const trace = begin({ context: CONTEXT, isTrusted: true });
    trace.end(record());
    expect(trace.traceId).toBe(CONTEXT.traceId);
    expect(fieldsOf(trace.fields)).toEqual({ tracestate: 'a=1' });
    const parentSpanId = CONTEXT.spanId;
    expect(spans).toMatchObject([{ traceId: CONTEXT.traceId, parentSpanId, isParentRemote: true, link: undefined }]);
  });

  it('stays unrecorded where its caller does not record, and the upstream is told so', () => {
    const trace = begin({ context: { ...CONTEXT, isSampled: false }, isTrusted: true });
    trace.end(record());
    expect(spans).toEqual([]);
    const { traceparent, tracestate } = fieldsOf(trace.fields);
    expect(traceparent).toMatch(new RegExp(`^00-${CONTEXT.traceId}-[\\da-f]{16}-00$`));
    expect([traceparent?.includes(CONTEXT.spanId), tracestate]).toEqual([false, 'a=1']);
    expect(trace.attempt).toBeUndefined();
  });
});

describe('spans', () => {
  it('are one of the server and one of each attempt, which the target is told of', () => {
    const trace = begin();
    nowMs += 1.5;
    const first = trace.attempt?.(new URL('http://10.0.0.1:8080'));
    nowMs += 2;
    first?.end('upstream-failed');
    const second = trace.attempt?.(new URL('https://[::1]'));
    nowMs += 4;
    second?.answered(200);
    second?.end();
    trace.end(record());
    const [server, one, two] = spans;
    expect(server).toMatchObject({ kind: 'server', name: 'GET /api/chats/{id}', startMs: AT, endMs: AT + 12.345 });
    expect(server?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/api/chats/{id}',
      'steadygate.request.id': 'r-1',
      'steadygate.verdict': 'allow',
    });
    expect(one).toMatchObject({ kind: 'client', name: 'GET', isError: true, startMs: AT + 1.5, endMs: AT + 3.5 });
    expect(two).toMatchObject({ isError: false, startMs: AT + 3.5, endMs: AT + 7.5 });
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([trace.traceId]));
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, server?.spanId, server?.spanId]);
    const told = [first, second].map((attempt) => fieldsOf(attempt?.fields ?? []));
    const expected = spans.slice(1).map(({ spanId }) => ({ traceparent: `00-${trace.traceId}-${spanId}-01` }));
    expect(told).toEqual(expected);
  });

  it('of attempts name the target, what it answered, and which attempt it was', () => {
    const trace = begin();
    trace.attempt?.(new URL('http://10.0.0.1:8080')).end('upstream-failed');
    const second = trace.attempt?.(new URL('https://[::1]'));
    second?.answered(200);
    second?.end();
    trace.end(record());
    expect(spans[1]?.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': '10.0.0.1',
      'server.port': 8080,
      'url.scheme': 'http',
      'error.type': 'upstream-failed',
      'steadygate.upstream': 'app',
    });
    expect(spans[2]?.attributes).toMatchObject({
      'server.address': '::1',
      'server.port': 443,
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
    });
  });

  it('T22: hold neither path nor address, user nor tenant', () => {
    const principal = { userId: 'usr-9', tenantId: 'acme', role: 'viewer' };
    // Only its ids matter here.
    const decision = { ...ALLOWED, principal: principal as unknown as Decision['principal'] };
    const trace = begin();
    trace.attempt?.(new URL('http://app:80/base')).end();
    trace.end(record({ decision }));
    const text = JSON.stringify(otlpTraces(spans, { resource: {}, version: '1' }));
    for (const said of ['secret-id', '192.0.2.7', 'usr-9', 'acme', 'viewer']) expect(text).not.toContain(said);
  });

  it('say who refused, and are no error of the gate then', () => {
    const denial = { guard: 'waf', code: 'content-refused', facts: {} } as const;
    begin().end(record({ status: 403, decision: { ...ALLOWED, outcome: 'deny', denial } }));
    expect(spans[0]).toMatchObject({ isError: false });
    expect(spans[0]?.attributes).toMatchObject({ 'steadygate.guard': 'waf', 'steadygate.problem': 'content-refused' });
    expect(spans[0]?.attributes).not.toHaveProperty('error.type');
  });

  it('are errors where the gate or its upstream failed', () => {
    const denial = { guard: 'forward', code: 'upstream-timeout', facts: {} } as const;
    begin().end(record({ status: 504, decision: { ...ALLOWED, outcome: 'deny', denial } }));
    begin().end(record({ status: 500 }));
    expect(spans).toMatchObject([
      { isError: true, attributes: { 'error.type': 'upstream-timeout' } },
      { isError: true, attributes: { 'error.type': '500' } },
    ]);
  });

  it('of a request without canonical form have no method and no route', () => {
    begin().end(record({ method: '', path: '', routePath: undefined, status: 400 }));
    expect(spans[0]).toMatchObject({ name: '_OTHER', attributes: { 'http.request.method': '_OTHER' } });
  });

  it('of what goes on end with the record: an event stream may be open for hours', () => {
    const trace = begin();
    trace.attempt?.(new URL('http://app')).answered(200);
    nowMs += 9;
    trace.end(record());
    expect(spans[1]).toMatchObject({ startMs: AT, endMs: AT + 9 });
  });

  it('tell nobody anything where trace context is not propagated', () => {
    const trace = begin({ context: CONTEXT, isTrusted: true }, { propagates: false });
    const attempt = trace.attempt?.(new URL('http://app'));
    trace.end(record());
    expect([trace.fields, attempt?.fields, spans[0]?.traceId === CONTEXT.traceId]).toEqual([[], [], false]);
  });
});

it('are written as OTLP has them in JSON', () => {
  const trace = begin({ context: CONTEXT, isTrusted: true });
  trace.end(record({ status: 500 }));
  const [span] = spans;
  expect(otlpTraces(spans, { resource: { 'service.name': 'gate' }, version: '1.2.3' })).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gate' } }] },
        scopeSpans: [
          {
            scope: { name: 'steadygate', version: '1.2.3' },
            spans: [
              {
                traceId: CONTEXT.traceId,
                spanId: span?.spanId,
                parentSpanId: CONTEXT.spanId,
                traceState: 'a=1',
                flags: 0x301,
                name: 'GET /api/chats/{id}',
                kind: 2,
                startTimeUnixNano: '1800000000000000000',
                endTimeUnixNano: '1800000000012345000',
                attributes: expect.arrayContaining([{ key: 'http.response.status_code', value: { intValue: '500' } }]),
                status: { code: 2 },
              },
            ],
          },
        ],
      },
    ],
  });
  begin({ context: CONTEXT }).end(record());
  const written = JSON.stringify(otlpTraces(spans.slice(1), { resource: {}, version: '1' }));
  expect(written).toContain(
    `"links":[{"traceId":"${CONTEXT.traceId}","spanId":"${CONTEXT.spanId}","traceState":"a=1","flags":769}]`,
  );
});
