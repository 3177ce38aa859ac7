import { describe, expect, it } from 'vitest';
import type { ExplanationView } from './explanation.ts';
import { unmatchedTraffic } from './schema-traffic.ts';

async function* decisions(...views: readonly (readonly [method: string, path: string, rule: string, at: number])[]) {
  for (const [method, path, rule, at] of views) {
    const view = { method, path, at, findings: [{ guard: rule === 'waf' ? 'waf' : 'schema', rule }] };
    // What is counted, and nothing else, of a decision.
    yield view as unknown as ExplanationView;
  }
}

describe('SS15: traffic that matches no operation', () => {
  it('is counted by kind, ids folded, the most frequent first', async () => {
    const found = await unmatchedTraffic(
      decisions(
        ['GET', '/v1/health', 'no path', 5],
        ['GET', '/v1/orders/17', 'no path', 1],
        ['GET', '/v1/orders/9f3c71ab-20de-48b1-a6c0-5d7e83f2946b', 'no path', 9],
        ['PUT', '/v1/orders/17', 'no method', 3],
        ['GET', '/v1/orders', 'POST /v1/orders (openapi.yaml:3)', 3],
        ['GET', '/v1/orders', 'waf', 3],
      ),
    );
    expect(found).toEqual([
      { method: 'GET', path: '/v1/orders/{…}', rule: 'no path', count: 2, lastAt: 9 },
      { method: 'GET', path: '/v1/health', rule: 'no path', count: 1, lastAt: 5 },
      { method: 'PUT', path: '/v1/orders/{…}', rule: 'no method', count: 1, lastAt: 3 },
    ]);
  });

  it('paths at random do not fill the memory', async () => {
    const views = Array.from(
      { length: 3000 },
      (_, at) => ['GET', `/${'abcdefghij'.charAt(at % 10)}${'x'.repeat(at)}`, 'no path', at] as const,
    );
    expect(await unmatchedTraffic(decisions(...views))).toHaveLength(1000);
  });
});
