import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDelayMs, healthAfter, type HealthState, isHealthyStatus, UNCHECKED } from './health.ts';

const POLICY = { healthyAfter: 2, unhealthyAfter: 3 };
const run = (checks: string, from: HealthState = UNCHECKED): HealthState =>
  checks.split('').reduce((state, check) => healthAfter(state, check === '+', POLICY), from);

describe('health checks', () => {
  test.each([
    ['', true],
    ['--', true],
    ['--+--', true],
    ['---', false],
    ['---+', false],
    ['---+-+', false],
    ['---++', true],
    ['---++--', true],
  ])('after %s a target is up: %s', (checks, isUp) => {
    expect(run(checks).isUp).toBe(isUp);
  });

  test('a change needs its number of checks in a row, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (checks) => {
        let state = UNCHECKED;
        for (const [at, isGood] of checks.entries()) {
          const next = healthAfter(state, isGood, POLICY);
          if (next.isUp !== state.isUp) {
            const run = isGood ? POLICY.healthyAfter : POLICY.unhealthyAfter;
            expect(checks.slice(at + 1 - run, at + 1)).toEqual(Array.from({ length: run }, () => isGood));
          }
          state = next;
        }
      }),
    );
  });

  test('what they expected changes nothing: the same object comes back', () => {
    expect(run('+')).toBe(UNCHECKED);
  });

  test('any 2xx is good unless statuses are listed; a redirect is not followed, so it is not good', () => {
    const any = [200, 204, 299, 199, 301, 404, 500].map((status) => isHealthyStatus(status, { statuses: [] }));
    expect(any).toEqual([true, true, true, false, false, false, false]);
    expect([204, 200].map((status) => isHealthyStatus(status, { statuses: [204] }))).toEqual([true, false]);
  });

  test('come a fifth earlier or later', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        const delayMs = checkDelayMs(5_000, chance);
        expect(delayMs).toBeGreaterThanOrEqual(4_000);
        expect(delayMs).toBeLessThanOrEqual(6_000);
      }),
    );
    expect([checkDelayMs(5_000, 0), checkDelayMs(5_000, 0.5)]).toEqual([4_000, 5_000]);
  });
});
