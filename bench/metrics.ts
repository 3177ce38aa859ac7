/**
 * What counting costs a request: `node --conditions=source bench/metrics.ts`
 *
 * Prints nanoseconds of CPU for one allowed request: for counting it, and for the readings of the clock by its stopwatch.
 */
import type { DecisionRecord } from '@steadygate/core';
import { RequestMetrics } from '../packages/gateway/src/metrics/request-metrics.ts';
import { Stopwatch } from '../packages/gateway/src/proxy/stopwatch.ts';

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
