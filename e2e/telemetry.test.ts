import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../packages/gateway/src/metrics/metrics.ts';
import { parseExposition, valueOf } from '../packages/gateway/test/exposition.ts';
import { type Collector, type ReceivedSpan, startCollector } from './support/collector.ts';
import { echoConfig, type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { importGraph, reachable } from './support/import-graph.ts';
import { type Caller, signIn } from './support/people.ts';
import { until } from './support/until.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const permission = { read: 'app:read', write: 'app:write' };
const ROUTES = [{ path: '/api/chats/{id}', upstream: 'app', access: 'session', permission }];
const FAST = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '200' };

let upstream: EchoUpstream;
let collector: Collector;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  collector = await startCollector();
});

afterAll(async () => {
  await upstream?.close();
  await collector?.close();
});

function start(env: Readonly<Record<string, string>>, more: object = {}): Promise<RunningGate> {
  return startGate({ config: echoConfig(upstream.url, { routes: ROUTES, ...more }), env: { ...FAST, ...env } });
}

interface Echo {
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask(gate: RunningGate, caller: Caller | undefined, headers: Record<string, string> = {}): Promise<Echo> {
  const credential = caller === undefined ? {} : { authorization: `Bearer ${caller.token}` };
  const answer = await fetch(`${gate.url}/api/chats/chat-4711`, { headers: { ...credential, ...headers } });
  const requestId = answer.headers.get('x-request-id') ?? '';
  // The echo of what reached the upstream, or a problem without it.
  const body = (await answer.json()) as Partial<Echo>;
  return { requestId, headers: body.headers ?? {} };
}

/** The spans of one request, the server's first, once they are there. */
async function spansOf(requestId: string): Promise<readonly ReceivedSpan[]> {
  const server = await until('the span of the request', () =>
    collector.spans().find(({ attributes }) => attributes['steadygate.request.id'] === requestId),
  );
  const children = collector.spans().filter(({ parentSpanId }) => parentSpanId === server.spanId);
  return [server, ...children];
}

describe('a gate that was asked for traces', () => {
  let gate: RunningGate;
  let admin: Caller;

  beforeAll(async () => {
    gate = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'front' });
    admin = await signIn(gate, gate.invite ?? '');
  });

  afterAll(() => gate?.stop());

  it('sends a span of the request and one of its attempt, of which the upstream is told', async () => {
    const { requestId, headers } = await ask(gate, admin);
    const [server, attempt, ...others] = await spansOf(requestId);
    expect(server).toMatchObject({ name: 'GET /api/chats/{id}', kind: 2 });
    expect(server?.attributes).toMatchObject({ 'http.route': '/api/chats/{id}', 'http.response.status_code': '200' });
    expect(attempt).toMatchObject({
      kind: 3,
      attributes: { 'steadygate.upstream': 'app', 'server.address': '127.0.0.1' },
    });
    expect(others).toEqual([]);
    expect(headers['traceparent']).toBe(`00-${server?.traceId}-${attempt?.spanId}-01`);
  });

  it('T22: tells the collector of no path, address, person or token', async () => {
    const { requestId } = await ask(gate, admin);
    await spansOf(requestId);
    const sent = collector.received.map(({ body }) => body).join('');
    for (const said of ['chat-4711', admin.userId, admin.token]) expect(sent).not.toContain(said);
  });

  it('does not go on in the trace of a client that nobody vouches for, and links it', async () => {
    const { requestId, headers } = await ask(gate, admin, { traceparent: PARENT, tracestate: 'evil=1' });
    const [server] = await spansOf(requestId);
    expect(server?.traceId).not.toBe(TRACE);
    expect(server?.links).toMatchObject([{ traceId: TRACE }]);
    expect(headers['traceparent']).not.toContain(TRACE);
    expect(headers).not.toHaveProperty('tracestate');
  });

  it('sends a span of a refused request, and of none of its paths', async () => {
    const { requestId } = await ask(gate, undefined);
    const [server, ...others] = await spansOf(requestId);
    expect(others).toEqual([]);
    expect(server?.attributes).toMatchObject({
      'steadygate.guard': 'authenticate',
      'steadygate.problem': 'credential-required',
      'http.response.status_code': '401',
    });
  });

  it('names the trace in its log', async () => {
    const { requestId } = await ask(gate, admin);
    const [server] = await spansOf(requestId);
    const line = await until('the line of the request', () => gate.lines.find((one) => one.includes(requestId)));
    expect(JSON.parse(line)).toMatchObject({ requestId, traceId: server?.traceId });
  });

  it('sends its metrics, too, under the names that Prometheus has', async () => {
    await until('metrics', () => (collector.metrics().length > 0 ? true : undefined));
    const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
    expect(collector.metrics().filter((name) => !known.has(name))).toEqual([]);
    expect(collector.metrics()).toEqual(expect.arrayContaining([METRICS.requests.name, METRICS.addedDuration.name]));
  });

  it('serves all the same while the collector is away, and counts what is lost', async () => {
    collector.answerWith(400);
    const shown = async () => parseExposition((await gate.cli('metrics')).stdout);
    await until('spans are dropped', async () => {
      await ask(gate, admin);
      return (valueOf(await shown(), METRICS.spans.name, { result: 'dropped' }) ?? 0) > 0 ? true : undefined;
    });
    expect(valueOf(await shown(), METRICS.exportFailures.name, { signal: 'traces' })).toBeGreaterThan(0);
    collector.answerWith(200);
    const { requestId } = await ask(gate, admin);
    await spansOf(requestId);
    const told = gate.lines.filter((line) => line.includes('does not take them') && line.includes('traces'));
    expect(told).toHaveLength(1);
  });
});

it('a listed proxy’s trace goes on, sampled or not as it says', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_METRICS_EXPORTER: 'none' };
  const gate = await start(env, { trustedProxies: ['127.0.0.1'] });
  try {
    const admin = await signIn(gate, gate.invite ?? '');
    const recorded = await ask(gate, admin, { traceparent: PARENT, tracestate: 'vendor=1' });
    const [server, attempt] = await spansOf(recorded.requestId);
    expect([server?.traceId, server?.parentSpanId]).toEqual([TRACE, '00f067aa0ba902b7']);
    expect(recorded.headers).toMatchObject({
      traceparent: `00-${TRACE}-${attempt?.spanId}-01`,
      tracestate: 'vendor=1',
    });
    const silent = await ask(gate, admin, { traceparent: PARENT.replace(/01$/, '00') });
    expect(silent.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-00$`));
    const last = await ask(gate, admin);
    await spansOf(last.requestId);
    expect(collector.spans().some(({ attributes }) => attributes['steadygate.request.id'] === silent.requestId)).toBe(
      false,
    );
  } finally {
    await gate.stop();
  }
});

it('the last spans are sent when the gate stops', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '600000' };
  const gate = await start(env);
  const { requestId } = await ask(gate, undefined);
  await gate.stop();
  expect((await spansOf(requestId)).length).toBe(1);
});

it('a variable that is not understood is told, and does not keep the gate from serving', async () => {
  const gate = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  try {
    expect(gate.stderr()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) address');
    expect(gate.lines[0]).toContain('"event":"ready"');
  } finally {
    await gate.stop();
  }
});

describe('a gate that was not asked', () => {
  it('sends nothing, and tells the upstream nothing', async () => {
    const before = collector.received.length;
    const gate = await start({ OTEL_SERVICE_NAME: 'front', OTEL_SDK_DISABLED: 'false' });
    try {
      const { headers } = await ask(gate, await signIn(gate, gate.invite ?? ''), { traceparent: PARENT });
      expect(headers).toHaveProperty('x-steadygate-request-id');
      expect(headers).not.toHaveProperty('traceparent');
    } finally {
      await gate.stop();
    }
    expect(collector.received.length).toBe(before);
  });

  it('does not even load the code for it', () => {
    const graph = importGraph(join(import.meta.dirname, '..'));
    const withStart = ['packages/gateway/src/main.ts', 'packages/gateway/src/start/start.ts'];
    const imports = graph.imports.filter(({ isDynamic }) => !isDynamic);
    const loaded = [...reachable({ ...graph, imports }, withStart, [])];
    expect(loaded.length).toBeGreaterThan(200);
    expect(loaded).toContain('packages/gateway/src/compose/telemetry.ts');
    expect(loaded.filter((file) => file.includes('/telemetry/'))).toEqual([]);
  });
});
