import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fixtures.ts';
import { withStrike } from './strikes.ts';

const RATE = { amount: 10, perMs: 60_000 };

/** At which strikes the window is full. */
function fullAt(timesMs: readonly number[]): readonly number[] {
  let times: readonly number[] = [];
  return timesMs.filter((atMs) => {
    const next = withStrike(times, RATE, atMs);
    times = next ?? [];
    return next === undefined;
  });
}

describe('strikes', () => {
  it('WK3: the tenth within a minute is told, however they are spread', () => {
    const spread = Array.from({ length: 10 }, (_, at) => NOW + at * 6_666);
    expect(fullAt(spread)).toEqual([NOW + 9 * 6_666]);
  });

  it('are told exactly when so many lie within the window, and never kept beyond them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 120 }), (gapsMs) => {
        let nowMs = NOW;
        let since: number[] = [];
        let times: readonly number[] = [];
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          since.push(nowMs);
          const isFull = since.filter((atMs) => atMs > nowMs - RATE.perMs).length >= RATE.amount;
          const next = withStrike(times, RATE, nowMs);
          expect(next === undefined).toBe(isFull);
          if (isFull) since = [];
          times = next ?? [];
          expect(times.length).toBeLessThan(RATE.amount);
        }
      }),
    );
  });
});
