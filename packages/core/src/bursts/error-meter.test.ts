import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fixtures.ts';
import { ErrorMeter, type ErrorSurge } from './error-meter.ts';

const SETTINGS = { windowMs: 10_000, atLeast: 10 };

/** One window with failures, the others after them; what was told. */
function send(meter: ErrorMeter, window: number, counts: { errors: number; good: number }): readonly ErrorSurge[] {
  const told: ErrorSurge[] = [];
  const note = (isError: boolean): void => {
    const surge = meter.note('u1', { isError, nowMs: NOW + window * 10_000 }, SETTINGS);
    if (surge !== undefined) told.push(surge);
  };
  for (let at = 0; at < counts.good; at += 1) note(false);
  for (let at = 0; at < counts.errors; at += 1) note(true);
  return told;
}

describe('SS6: failures', () => {
  it.each([
    [{ errors: 9, good: 0 }, 0],
    [{ errors: 10, good: 0 }, 1],
    [{ errors: 10, good: 11 }, 0],
    [{ errors: 11, good: 11 }, 1],
    [{ errors: 500, good: 11 }, 1],
  ])('%j within a window are told %i times', (counts, times) => {
    expect(send(new ErrorMeter(), 0, counts)).toHaveLength(times);
  });

  it('that are usual stand out at three times their share only, and nine in ten always', () => {
    const meter = new ErrorMeter();
    for (let window = 0; window < 60; window += 1) send(meter, window, { errors: 40, good: 60 });
    expect(send(meter, 60, { errors: 60, good: 40 })).toEqual([]);
    expect(send(meter, 61, { errors: 90, good: 10 })).toEqual([{ errors: 90, requests: 100, usual: 0.42 }]);
  });

  it('are counted anew in each window', () => {
    const meter = new ErrorMeter();
    expect(send(meter, 0, { errors: 9, good: 0 })).toEqual([]);
    expect(send(meter, 1, { errors: 9, good: 0 })).toEqual([]);
    expect(send(meter, 9, { errors: 10, good: 0 })).toHaveLength(1);
  });

  it('T24: of a bounded number of callers, those seen last', () => {
    const meter = new ErrorMeter(2);
    for (const caller of ['a', 'b', 'c', 'd']) meter.note(caller, { isError: false, nowMs: NOW }, SETTINGS);
    expect(meter.size).toBe(2);
  });
});
