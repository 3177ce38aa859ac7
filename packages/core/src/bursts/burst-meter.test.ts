import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fixtures.ts';
import { type Burst, BurstMeter, type BurstSettings } from './burst-meter.ts';

const SETTINGS: BurstSettings = { windowMs: 10_000, factor: 10, atLeast: 20, max: undefined };

/** Sends so many requests in one window; what the last of them was told. */
function send(meter: BurstMeter, window: number, count: number, settings = SETTINGS): Burst | undefined {
  let last: Burst | undefined;
  for (let at = 0; at < count; at += 1) last = meter.note('u1', NOW + window * 10_000 + at, settings);
  return last;
}

function practised(perWindow: number, windows = 40): BurstMeter {
  const meter = new BurstMeter();
  for (let window = 0; window < windows; window += 1) send(meter, window, perWindow);
  return meter;
}

describe('WK3: bursts', () => {
  it('against a habit: ten times as many as usual', () => {
    const meter = practised(5);
    expect(send(meter, 50, 50)).toBeUndefined();
    expect(meter.note('u1', NOW + 500_100, SETTINGS)).toEqual({
      rule: 'own habit',
      limit: 50,
      usual: 5,
      isFirst: true,
      waitMs: 9_900,
    });
    expect(meter.note('u1', NOW + 500_101, SETTINGS)?.isFirst).toBe(false);
  });

  it('are not judged before there is a habit', () => {
    expect(send(practised(1, 29), 50, 500)).toBeUndefined();
    expect(send(practised(1, 30), 50, 500)).toBeDefined();
  });

  it('are none below the least, however quiet somebody is', () => {
    const meter = practised(1);
    expect(send(meter, 50, 20)).toBeUndefined();
    expect(meter.note('u1', NOW + 500_100, SETTINGS)?.limit).toBe(20);
  });

  it('against an absolute limit, from the first window', () => {
    const settings = { ...SETTINGS, max: 30 };
    const meter = new BurstMeter();
    expect(send(meter, 0, 30, settings)).toBeUndefined();
    expect(meter.note('u1', NOW + 100, settings)).toMatchObject({ rule: 'absolute limit', limit: 30 });
    expect(meter.note('u2', NOW + 100, settings)).toBeUndefined();
  });

  it('end with their window, and do not become usual at once', () => {
    const meter = practised(5);
    expect(send(meter, 50, 10_000)).toBeDefined();
    // What counted was the limit of 50: 5 + (50 - 5) / 10.
    expect(send(meter, 51, 96)).toMatchObject({ limit: 95, usual: 9.5 });
  });

  it('a window without requests changes no habit', () => {
    const meter = practised(5);
    expect(send(meter, 5_000, 51)?.usual).toBe(5);
  });

  it('T24: remembers a bounded number of callers, those seen last', () => {
    const meter = new BurstMeter(2);
    meter.note('a', NOW, SETTINGS);
    meter.note('b', NOW, SETTINGS);
    meter.note('a', NOW + 10_000, SETTINGS);
    meter.note('c', NOW + 10_001, SETTINGS);
    expect(meter.size).toBe(2);
    const settings = { ...SETTINGS, max: 1 };
    // `a` was seen after `b`: its count goes on.
    expect(meter.note('a', NOW + 10_002, settings)).toBeDefined();
    expect(meter.note('b', NOW + 10_002, settings)).toBeUndefined();
  });
});
