import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  admittedByBreaker,
  breakerAfter,
  type BreakerPolicy,
  type BreakerState,
  CLOSED,
  refusesNow,
} from './breaker.ts';
import type { Outcome } from './upstream-policy.ts';

const policy: BreakerPolicy = { failurePercent: 50, requestsMin: 4, withinMs: 1_000, openMs: 500, probes: 2 };

/** One request that is let through and ends at once. */
function request(state: BreakerState, outcome: Outcome | undefined, nowMs: number): BreakerState {
  const admitted = admittedByBreaker(state, { policy, nowMs });
  if (admitted === undefined) throw new Error('refused');
  return breakerAfter(admitted, { round: admitted.round, outcome }, { policy, nowMs });
}

const run = (outcomes: string, nowMs: number, from: BreakerState = CLOSED): BreakerState =>
  outcomes.split('').reduce((state, one) => request(state, one === '+' ? 'success' : 'failure', nowMs), from);

const OPEN = run('++--', 0);

describe('a breaker opens', () => {
  test.each([
    ['---', 'closed'],
    ['----', 'open'],
    ['++--', 'open'],
    ['+++--', 'closed'],
    ['+++---', 'open'],
    ['--++', 'closed'],
  ])(
    'after %s it is %s: at its share of failures, not before the least number, and by a failure only',
    (text, kind) => {
      expect(run(text, 0).kind).toBe(kind);
    },
  );

  test('by what happened lately: older requests are forgotten', () => {
    const early = run('---', 0);
    expect(run('-', 999, early).kind).toBe('open');
    expect(run('-', 1_000, early).kind).toBe('closed');
    expect(run('---', 1_100, run('+', 600, early)).kind).toBe('open');
    expect(run('--', 1_100, run('+', 600, early)).kind).toBe('closed');
  });

  test('not by callers that leave', () => {
    expect(request(run('---', 0), undefined, 0).kind).toBe('closed');
  });
});

describe('an open breaker', () => {
  test('refuses until its time is over, then lets its probes through and nobody else', () => {
    expect(refusesNow(OPEN, { policy, nowMs: 499 })).toBe(true);
    expect(admittedByBreaker(OPEN, { policy, nowMs: 499 })).toBeUndefined();
    const first = admittedByBreaker(OPEN, { policy, nowMs: 500 }) ?? OPEN;
    const second = admittedByBreaker(first, { policy, nowMs: 500 }) ?? OPEN;
    expect([first, second]).toMatchObject([{ kind: 'halfOpen', admitted: 1 }, { admitted: 2 }]);
    expect(refusesNow(second, { policy, nowMs: 500 })).toBe(true);
    expect(admittedByBreaker(second, { policy, nowMs: 9_999 })).toBeUndefined();
  });

  test('closes when all probes succeed, and begins to count anew', () => {
    expect(run('+', 500, OPEN).kind).toBe('halfOpen');
    expect(run('++', 500, OPEN).kind).toBe('closed');
    expect(run('++---', 500, OPEN).kind).toBe('closed');
  });

  test('opens again, for its whole time, when one fails', () => {
    expect(run('+-', 600, OPEN)).toMatchObject({ kind: 'open', untilMs: 1_100 });
  });

  test('lets another probe through when the caller of one left', () => {
    const state = request(run('+', 500, OPEN), undefined, 500);
    expect(run('+', 500, state).kind).toBe('closed');
  });

  test('is not closed or opened by requests of before', () => {
    const context = { policy, nowMs: 500 };
    const late = { round: 0, outcome: 'success' } as const;
    expect(breakerAfter(OPEN, late, context)).toBe(OPEN);
    const half = admittedByBreaker(OPEN, context) ?? OPEN;
    expect(breakerAfter(half, late, context)).toBe(half);
    expect(breakerAfter(half, { round: 0, outcome: 'failure' }, context)).toBe(half);
    expect(breakerAfter(half, { round: 0, outcome: undefined }, context)).toBe(half);
  });
});

describe('whatever happens', () => {
  const steps = fc.array(
    fc.record({ outcome: fc.constantFrom<Outcome | undefined>('success', 'failure', undefined), afterMs: fc.nat(700) }),
    { maxLength: 80 },
  );

  test('at most its probes are under way while it is half open, and its round only grows', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (given, probes) => {
        const own = { ...policy, probes };
        let state = CLOSED;
        let nowMs = 0;
        const running: { round: number; outcome: Outcome | undefined }[] = [];
        for (const { outcome, afterMs } of given) {
          nowMs += afterMs;
          const admitted = admittedByBreaker(state, { policy: own, nowMs });
          expect(admitted === undefined).toBe(refusesNow(state, { policy: own, nowMs }));
          if (admitted !== undefined) {
            state = admitted;
            running.push({ round: state.round, outcome });
          }
          if (state.kind === 'halfOpen') {
            const { round } = state;
            expect(running.filter((one) => one.round === round).length).toBeLessThanOrEqual(probes);
          }
          const done = afterMs % 2 === 0 ? running.shift() : undefined;
          if (done !== undefined) {
            const next = breakerAfter(state, done, { policy: own, nowMs });
            expect(next.round).toBeGreaterThanOrEqual(state.round);
            state = next;
          }
        }
      }),
    );
  });
});
