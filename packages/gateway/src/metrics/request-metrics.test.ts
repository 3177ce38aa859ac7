import type { Decision, DecisionRecord } from '@steadygate/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseExposition, type ParsedExposition, valueOf } from '../../test/exposition.ts';
import { PROMETHEUS } from './exposition.ts';
import { RequestMetrics } from './request-metrics.ts';

let metrics: RequestMetrics;
let passedOn: unknown[];

beforeEach(() => {
  metrics = new RequestMetrics();
  passedOn = [];
});

const ALLOWED: Decision = { outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] };

function decided(change: Partial<DecisionRecord> = {}): DecisionRecord {
  const record: DecisionRecord = {
    requestId: 'req-1',
    atMs: 0,
    method: 'GET',
    path: '/api/chats/7',
    clientAddress: '192.0.2.7',
    route: 'routes[0]',
    routePath: '/api/chats/{id}',
    decision: ALLOWED,
    status: 200,
    durationMs: 3,
    answerBytes: 2,
    took: { totalMs: 3, addedMs: 0.2, upstream: 'app', upstreamMs: 2.5 },
    ...change,
  };
  const sink = { decided: (it: unknown) => void passedOn.push(it), alert: (it: unknown) => void passedOn.push(it) };
  metrics.counting(sink).decided(record);
  return record;
}

function denied(guard: string, code: 'not-found' | 'rate-limited' = 'not-found'): Decision {
  return { ...ALLOWED, outcome: 'deny', denial: { guard, code, facts: {} }, findings: [{ guard, rule: 'r' }] };
}

function shown(): ParsedExposition {
  return parseExposition(PROMETHEUS.write(metrics.families()));
}

describe('what is counted of requests', () => {
  it('is route, verdict, guard and class of the status', () => {
    decided();
    decided();
    decided({ status: 304 });
    decided({ decision: denied('limit.principal', 'rate-limited'), status: 429 });
    decided({ decision: { ...ALLOWED, outcome: 'answer' }, status: 204 });
    const parsed = shown();
    const of = (labels: Record<string, string>) => valueOf(parsed, 'steadygate_requests_total', labels);
    const route = '/api/chats/{id}';
    expect(of({ route, verdict: 'allow', guard: 'none', status_class: '2xx' })).toBe(2);
    expect(of({ route, verdict: 'allow', guard: 'none', status_class: '3xx' })).toBe(1);
    expect(of({ route, verdict: 'deny', guard: 'limit.principal', status_class: '4xx' })).toBe(1);
    expect(of({ route, verdict: 'answer', guard: 'none', status_class: '2xx' })).toBe(1);
    expect(valueOf(parsed, 'steadygate_refusals_total', { guard: 'limit.principal', code: 'rate-limited' })).toBe(1);
  });

  it('is what guards in shadow would have refused, and apart from what was', () => {
    decided({ decision: { ...ALLOWED, findings: [{ guard: 'waf', rule: 'sql', shadow: true }] } });
    const parsed = shown();
    expect(valueOf(parsed, 'steadygate_shadow_findings_total', { guard: 'waf' })).toBe(1);
    expect(valueOf(parsed, 'steadygate_refusals_total')).toBeUndefined();
    expect(valueOf(parsed, 'steadygate_requests_total', { verdict: 'allow' })).toBe(1);
  });

  it('is what counts as a violation', () => {
    const { denial } = denied('waf');
    if (denial === undefined) throw new Error('a denial is denied');
    decided({ decision: { ...denied('waf'), denial: { ...denial, violation: 'attack' } } });
    decided({ decision: denied('limit.principal') });
    const { samples } = shown();
    const found = samples.filter(({ name, value }) => name === 'steadygate_violations_total' && value > 0);
    expect(found).toMatchObject([{ labels: { kind: 'attack' }, value: 1 }]);
  });

  it('is how long the gate and the upstream took, each for itself', () => {
    decided();
    const parsed = shown();
    const route = '/api/chats/{id}';
    expect(valueOf(parsed, 'steadygate_added_duration_seconds_sum', { route })).toBeCloseTo(0.000_2, 9);
    expect(valueOf(parsed, 'steadygate_upstream_duration_seconds_sum', { upstream: 'app' })).toBeCloseTo(0.002_5, 9);
  });

  it('is no upstream where none answered', () => {
    decided({ took: { totalMs: 1, addedMs: 1, upstream: 'app', upstreamMs: undefined } });
    const { took: _, ...unmeasured } = decided();
    decided({ ...unmeasured, took: { totalMs: 1, addedMs: 1, upstream: undefined, upstreamMs: undefined } });
    expect(valueOf(shown(), 'steadygate_upstream_duration_seconds_count')).toBe(1);
  });

  it('is a request that matched no route', () => {
    decided({ routePath: undefined, route: undefined, decision: denied('route'), status: 404 });
    expect(valueOf(shown(), 'steadygate_requests_total', { route: 'unmatched', guard: 'route' })).toBe(1);
  });

  it('is each alert by its kind', () => {
    const sink = metrics.counting({ decided: () => undefined, alert: (alert) => void passedOn.push(alert) });
    const alert = { kind: 'orphan', requestId: undefined, message: 'm' } as const;
    sink.alert(alert);
    expect(valueOf(shown(), 'steadygate_alerts_total', { kind: 'orphan' })).toBe(1);
    expect(passedOn).toEqual([alert]);
  });

  it('goes on to the next sink unchanged', () => {
    const record = decided();
    expect(passedOn).toEqual([record]);
  });
});

describe('T16, T22: nothing that a request says becomes a label', () => {
  it('neither path, method, address, request id, tenant, user nor key', () => {
    const credential = { kind: 'key', id: 'key-9', via: 'key' } as const;
    const principal = { userId: 'usr-9', tenantId: 'acme', role: 'viewer', credential };
    decided({
      method: 'PROPFIND',
      path: '/api/chats/secret-id',
      clientAddress: '203.0.113.9',
      requestId: 'req-9',
      // Only its ids matter here.
      decision: { ...denied('ownership'), principal: principal as unknown as Decision['principal'] },
    });
    const text = PROMETHEUS.write(metrics.families());
    for (const said of ['PROPFIND', 'secret-id', '203.0.113.9', 'req-9', 'acme', 'usr-9', 'key-9']) {
      expect(text).not.toContain(said);
    }
  });

  it('so ten thousand different requests make no more series than their routes and guards', () => {
    const requests = fc.record({
      path: fc.webPath(),
      method: fc.string(),
      requestId: fc.uuid(),
      clientAddress: fc.ipV4(),
      status: fc.integer({ min: 0, max: 999 }),
      routePath: fc.constantFrom('/a', '/b', undefined),
      decision: fc.constantFrom(ALLOWED, denied('x'), denied('y')),
    });
    fc.assert(
      fc.property(requests, (request) => void decided(request)),
      { numRuns: 10_000 },
    );
    // Three routes, three verdicts, six classes.
    const { samples } = shown();
    expect(samples.filter(({ name }) => name === 'steadygate_requests_total').length).toBeLessThanOrEqual(54);
  });

  it('and however many routes reloads bring, their number is bounded', () => {
    for (let at = 0; at < 3_000; at += 1) decided({ routePath: `/r${at}` });
    const counts = shown().samples.filter(({ name }) => name === 'steadygate_added_duration_seconds_count');
    expect(counts).toHaveLength(501);
    expect(counts.find(({ labels }) => labels['route'] === 'other')?.value).toBe(2_500);
  });
});
