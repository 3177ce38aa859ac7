/**
 * What counting costs a request: `node --conditions=source bench/metrics.ts`
 *
 * Prints nanoseconds of CPU for one allowed request: for counting it, for the readings of the clock by its stopwatch, and for traces where they
 * are asked for.
 */
import type { DecisionRecord } from '@steadygate/core';
import { RequestMetrics } from '../packages/gateway/src/metrics/request-metrics.ts';
import { systemRandom } from '../packages/gateway/src/crypto/random.ts';
import { pooledRandom } from '../packages/gateway/src/proxy/pooled-random.ts';
import { Stopwatch } from '../packages/gateway/src/proxy/stopwatch.ts';
import { otlpTraces } from '../packages/gateway/src/telemetry/otlp-traces.ts';
import type { Span } from '../packages/gateway/src/telemetry/span.ts';
import { otelTracer } from '../packages/gateway/src/telemetry/tracer.ts';

const ROUNDS = 2_000_000;
const ROUTES = Array.from({ length: 20 }, (_, at) => `/api/resource-${at}/**`);

const metrics = new RequestMetrics();
const counting = metrics.counting({ decided: () => undefined, alert: () => undefined });

function record(at: number): DecisionRecord {
  return {
    requestId: 'r',
    atMs: 0,
    method: 'GET',
    path: '/',
    clientAddress: '192.0.2.1',
    route: 'routes[0]',
    routePath: ROUTES[at % ROUTES.length],
    decision: { outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] },
    status: 200,
    durationMs: 1,
    answerBytes: 1,
    took: { totalMs: 1, addedMs: 0.12, upstream: 'app', upstreamMs: 0.7 },
  };
}

/** As a small forwarded answer uses it: its head and its end come together. */
function watched(): Stopwatch {
  const watch = new Stopwatch(() => performance.now());
  watch.sent('app');
  watch.answered();
  watch.back();
  watch.stop();
  return watch;
}

function measure(name: string, run: (at: number) => unknown): void {
  for (let at = 0; at < ROUNDS / 4; at += 1) run(at);
  const before = process.cpuUsage();
  for (let at = 0; at < ROUNDS; at += 1) run(at);
  const { user, system } = process.cpuUsage(before);
  const nanos = ((user + system) * 1000) / ROUNDS;
  console.log(`${name.padEnd(40)} ${nanos.toFixed(0)} ns`);
}

const records = ROUTES.map((_, at) => record(at));
measure('counters and histograms', (at) => counting.decided(records[at % records.length] ?? record(at)));
measure('stopwatch', watched);

let spans: Span[] = [];
const tracer = (isSampled: boolean) =>
  otelTracer({
    sampler: () => isSampled,
    propagates: true,
    random: pooledRandom(systemRandom),
    monotonicMs: () => performance.now(),
    onSpans: (more) => {
      spans.push(...more);
      if (spans.length >= 512) spans = [];
    },
  });
const url = new URL('http://127.0.0.1:3000');

function traced(of: ReturnType<typeof tracer>, at: number): void {
  const trace = of.begin({ context: undefined, isTrusted: false });
  const attempt = trace.attempt?.(url);
  attempt?.answered(200);
  attempt?.end();
  trace.end(records[at % records.length] ?? record(at));
}

const [recording, silent] = [tracer(true), tracer(false)];
measure('trace that is not recorded', (at) => traced(silent, at));
measure('trace of two spans', (at) => traced(recording, at));
const batch = spans.slice(0, 256);
const perBatch = (): unknown => JSON.stringify(otlpTraces(batch, { resource: { 'service.name': 'x' }, version: '1' }));
const before = process.cpuUsage();
for (let at = 0; at < 400; at += 1) perBatch();
const { user, system } = process.cpuUsage(before);
console.log(`${'writing two spans'.padEnd(40)} ${(((user + system) * 1000 * 2) / (400 * batch.length)).toFixed(0)} ns`);
