import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admission, retryAfterSeconds } from './admission.ts';

test.each([
  [0, 0, 'go'],
  [1, 0, 'go'],
  [2, 0, 'wait'],
  [2, 2, 'wait'],
  [2, 3, 'refuse'],
  [0, 1, 'wait'],
  [0, 3, 'refuse'],
])('with %s in flight and %s waiting: %s', (inFlight, queued, verdict) => {
  expect(admission({ inFlight, queued }, { max: 2, queueMax: 3, waitMs: 1 })).toBe(verdict);
});

test('whatever comes and goes, neither bound is passed and nobody overtakes', () => {
  const policies = fc.record({
    max: fc.integer({ min: 1, max: 5 }),
    queueMax: fc.nat(5),
    waitMs: fc.constant(1),
  });
  fc.assert(
    fc.property(policies, fc.array(fc.boolean(), { maxLength: 100 }), (policy, steps) => {
      let inFlight = 0;
      let next = 0;
      const waiting: number[] = [];
      const served: number[] = [];
      for (const arrives of steps) {
        if (arrives) {
          const verdict = admission({ inFlight, queued: waiting.length }, policy);
          if (verdict === 'go') inFlight += 1;
          if (verdict === 'go') served.push(next);
          if (verdict === 'wait') waiting.push(next);
          next += 1;
        } else if (inFlight > 0) {
          const first = waiting.shift();
          if (first === undefined) inFlight -= 1;
          else served.push(first);
        }
        expect(inFlight).toBeLessThanOrEqual(policy.max);
        expect(waiting.length).toBeLessThanOrEqual(policy.queueMax);
      }
      expect(served).toEqual(served.toSorted((a, b) => a - b));
    }),
  );
});

test('a refusal says when to come back, in whole seconds and never at once', () => {
  expect([0, 1, 1_000, 1_001].map(retryAfterSeconds)).toEqual([1, 1, 1, 2]);
});
