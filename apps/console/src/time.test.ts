import { describe, expect, it } from 'vitest';
import { durationText, relativeText } from './time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('time in words', () => {
  it.each([
    [0, 'less than a minute'],
    [MINUTE - 1, 'less than a minute'],
    [MINUTE, '1 min'],
    [HOUR, '1 h'],
    [23 * HOUR + 41 * MINUTE, '23 h 41 min'],
    [24 * HOUR, '1 d'],
    [49 * HOUR + MINUTE, '2 d 1 h'],
  ])('%i ms is %s', (durationMs, text) => {
    expect(durationText(durationMs)).toBe(text);
  });

  it.each([
    [0, 'just now'],
    [-MINUTE + 1, 'just now'],
    [-MINUTE, '1 min ago'],
    [2 * HOUR, 'in 2 h'],
    [1, 'in less than a minute'],
  ])('%i ms from now is %s', (distanceMs, text) => {
    expect(relativeText(1_000_000_000 + distanceMs, 1_000_000_000)).toBe(text);
  });
});
