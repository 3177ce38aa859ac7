import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ejectionAfter, type EjectionPolicy, type EjectionState, NOT_EJECTED } from './ejection.ts';
import type { Outcome } from './upstream-policy.ts';

const POLICY: EjectionPolicy = { failures: 3, forMs: 1_000, forMsMax: 5_000 };

interface Step {
  readonly outcome: Outcome;
  readonly nowMs: number;
  readonly isSpare?: boolean;
}

function run(steps: readonly Step[], from: EjectionState = NOT_EJECTED): EjectionState {
  return steps.reduce(
    (state, { outcome, nowMs, isSpare = true }) => ejectionAfter(state, outcome, { policy: POLICY, nowMs, isSpare }),
    from,
  );
}

const failing = (count: number, nowMs: number): readonly Step[] =>
  Array.from({ length: count }, () => ({ outcome: 'failure', nowMs }));

describe('a target is ejected', () => {
  test('after so many failures in a row', () => {
    expect(run(failing(2, 10)).untilMs).toBe(0);
    expect(run(failing(3, 10))).toEqual({ failures: 0, level: 1, untilMs: 1_010 });
  });

  test('not when a success came between', () => {
    const state = run([...failing(2, 10), { outcome: 'success', nowMs: 11 }, ...failing(2, 12)]);
    expect([state.untilMs, state.failures]).toEqual([0, 2]);
  });

  test('never when it is the last; as soon as it is not, it is', () => {
    const last = run(failing(9, 10).map((step) => ({ ...step, isSpare: false })));
    expect(last).toEqual({ failures: 3, level: 0, untilMs: 0 });
    expect(run([{ outcome: 'failure', nowMs: 20 }], last).untilMs).toBe(1_020);
  });

  test('for twice as long each time it fails on probation, up to the most', () => {
    let state = run(failing(3, 0));
    const lengths = [state.untilMs];
    for (let count = 0; count < 4; count += 1) {
      const nowMs = state.untilMs;
      state = run([{ outcome: 'failure', nowMs }], state);
      lengths.push(state.untilMs - nowMs);
    }
    expect(lengths).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });
});

describe('probation', () => {
  const back = run(failing(3, 0));

  test('lasts as long as the target was away', () => {
    expect(run([{ outcome: 'success', nowMs: 1_999 }], back).level).toBe(1);
    expect(run([{ outcome: 'success', nowMs: 2_000 }], back)).toEqual(NOT_EJECTED);
  });

  test('over, it takes as many failures as ever', () => {
    expect(run(failing(2, 2_000), back).untilMs).toBe(1_000);
    expect(run(failing(3, 2_000), back)).toEqual({ failures: 0, level: 1, untilMs: 3_000 });
  });

  test('of the last target in service ends like any other', () => {
    const kept = run([{ outcome: 'failure', nowMs: 1_500, isSpare: false }], back);
    expect(kept).toEqual({ failures: 1, level: 1, untilMs: 1_000 });
    expect(run([{ outcome: 'success', nowMs: 1_600 }], kept)).toEqual({ failures: 0, level: 1, untilMs: 1_000 });
  });
});

describe('whatever happens', () => {
  const steps = fc.array(
    fc.record({
      outcome: fc.constantFrom<Outcome>('success', 'failure'),
      afterMs: fc.nat(3_000),
      isSpare: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  test('an ejection lasts its least and at most its most, and only a failure of a spare target begins one', () => {
    fc.assert(
      fc.property(steps, (given) => {
        let state = NOT_EJECTED;
        let nowMs = 0;
        for (const { outcome, afterMs, isSpare } of given) {
          nowMs += afterMs;
          const next = ejectionAfter(state, outcome, { policy: POLICY, nowMs, isSpare });
          if (next.untilMs !== state.untilMs && next.untilMs > 0) {
            expect([outcome, isSpare]).toEqual(['failure', true]);
            expect(next.untilMs - nowMs).toBeGreaterThanOrEqual(POLICY.forMs);
            expect(next.untilMs - nowMs).toBeLessThanOrEqual(POLICY.forMsMax);
          }
          if (nowMs < state.untilMs) expect(next).toBe(state);
          state = next;
        }
      }),
    );
  });

  test('success alone costs nothing: the very same object comes back', () => {
    expect(run([{ outcome: 'success', nowMs: 5 }])).toBe(NOT_EJECTED);
  });
});
