import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rate } from './bucket-store.ts';
import { gcraGiveBack, gcraTake } from './gcra.ts';
import { parseRate } from './rate-text.ts';

const NOW = 1_795_000_000_000;
const TEN_IN_15_MINUTES: Rate = { amount: 10, perMs: 900_000 };

const rates = fc.record({
  amount: fc.integer({ min: 1, max: 2_000 }),
  perMs: fc.integer({ min: 1_000, max: 900_000 }),
});

/** A stored time that a budget of this rate can have at NOW. */
function stored(rate: Rate, aheadMs: number): number {
  return gcraTake(NOW + aheadMs, rate, NOW).tatMs;
}

function takes(rate: Rate, timesMs: readonly number[]): readonly boolean[] {
  let tatMs: number | undefined;
  return timesMs.map((nowMs) => {
    const take = gcraTake(tatMs, rate, nowMs);
    tatMs = take.tatMs;
    return take.taken.waitMs === 0;
  });
}

describe('gcraTake', () => {
  it('SB7: refuses the 11th of 10/15m at one instant, and says when the next one will do', () => {
    const granted = takes(
      TEN_IN_15_MINUTES,
      Array.from({ length: 11 }, () => NOW),
    );
    expect(granted).toEqual([...Array.from({ length: 10 }, () => true), false]);

    const full = NOW + 900_000;
    expect(gcraTake(full, TEN_IN_15_MINUTES, NOW).taken).toEqual({ waitMs: 90_000, remaining: 0, resetMs: 900_000 });
    expect(gcraTake(full, TEN_IN_15_MINUTES, NOW + 89_999).taken.waitMs).toBe(1);
    expect(gcraTake(full, TEN_IN_15_MINUTES, NOW + 90_000).taken).toEqual({
      waitMs: 0,
      remaining: 0,
      resetMs: 900_000,
    });
  });

  it('counts down what remains', () => {
    expect(gcraTake(undefined, { amount: 300, perMs: 900_000 }, NOW)).toEqual({
      tatMs: NOW + 3_000,
      taken: { waitMs: 0, remaining: 299, resetMs: 3_000 },
    });
  });

  it('charges nothing for a refused take', () => {
    const full = NOW + 900_000;
    expect(gcraTake(full, TEN_IN_15_MINUTES, NOW).tatMs).toBe(full);
  });

  it('locks nobody out when the clock went back or the rate was lowered', () => {
    const { taken, tatMs } = gcraTake(NOW + 86_400_000, TEN_IN_15_MINUTES, NOW);
    expect(taken).toEqual({ waitMs: 90_000, remaining: 0, resetMs: 900_000 });
    expect(tatMs).toBe(NOW + 900_000);
  });

  it('grants exactly the amount at one instant, whatever the rate: sums of fractions do not drift', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 4_000_000_000_000 }), (rate, nowMs) => {
        const granted = takes(
          rate,
          Array.from({ length: rate.amount + 3 }, () => nowMs),
        );
        expect(granted.filter(Boolean)).toHaveLength(rate.amount);
      }),
      { numRuns: 60 },
    );
  });

  it('admits at most amount + elapsed / perMs * amount over any window', () => {
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 300 }), (rate, gapsMs) => {
        let nowMs = NOW;
        const timesMs = gapsMs.map((gapMs) => (nowMs += gapMs));
        const admitted = timesMs.filter((_, at) => takes(rate, timesMs)[at] ?? false);
        for (let from = 0; from < admitted.length; from += 1) {
          const elapsedMs = (admitted.at(-1) ?? 0) - (admitted[from] ?? 0);
          const allowed = rate.amount + (elapsedMs / rate.perMs) * rate.amount;
          expect(admitted.length - from).toBeLessThanOrEqual(Math.floor(allowed + 1e-9));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is monotone: a later caller never waits longer and never has less left', () => {
    fc.assert(
      fc.property(
        rates,
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (rate, ahead, later) => {
          const sooner = gcraTake(stored(rate, ahead), rate, NOW).taken;
          const then = gcraTake(stored(rate, ahead), rate, NOW + later).taken;
          expect(then.waitMs).toBeLessThanOrEqual(sooner.waitMs);
          expect(then.remaining).toBeGreaterThanOrEqual(sooner.remaining);
        },
      ),
    );
  });

  it('grants at the time it named and not before', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 1_000_000 }), (rate, ahead) => {
        const tatMs = stored(rate, ahead);
        const { waitMs } = gcraTake(tatMs, rate, NOW).taken;
        expect(gcraTake(tatMs, rate, NOW + waitMs).taken.waitMs).toBe(0);
        if (waitMs > 1) expect(gcraTake(tatMs, rate, NOW + waitMs - 1).taken.waitMs).toBeGreaterThan(0);
      }),
    );
  });
});

describe('gcraGiveBack', () => {
  it('undoes a take', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 900_000 }), (rate, ahead) => {
        const before = gcraTake(NOW + ahead, rate, NOW);
        if (before.taken.waitMs > 0) return;
        const after = gcraTake(gcraGiveBack(before.tatMs, rate, NOW), rate, NOW);
        expect(after).toEqual(before);
      }),
    );
  });

  it('never fills a budget beyond its amount', () => {
    expect(gcraGiveBack(undefined, TEN_IN_15_MINUTES, NOW)).toBe(NOW);
    expect(gcraGiveBack(NOW - 5, TEN_IN_15_MINUTES, NOW)).toBe(NOW);
    expect(gcraGiveBack(NOW + 10, TEN_IN_15_MINUTES, NOW)).toBe(NOW);
  });
});

describe('parseRate', () => {
  it.each([
    ['300/15m', { amount: 300, perMs: 900_000 }],
    ['10/s', { amount: 10, perMs: 1_000 }],
    ['10000/s', { amount: 10_000, perMs: 1_000 }],
    ['5/2h', { amount: 5, perMs: 7_200_000 }],
    ['1000000/1d', { amount: 1_000_000, perMs: 86_400_000 }],
  ])('reads %s', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  it.each([
    '',
    '0/s',
    '10',
    '10/',
    '10/0s',
    '-1/s',
    '1.5/s',
    ' 10/s',
    '10/s ',
    '10/w',
    '10/15M',
    '10001/s',
    '1000001/d',
    '١٠/s',
  ])('refuses %j', (text) => {
    expect(parseRate(text)).toBeUndefined();
  });
});
