import { beforeEach, expect, it } from 'vitest';
import { LoopDelay, PERIOD_MS, RESOLUTION_MS } from './loop-delay.ts';

let nowMs: number;
let seenMs: number[];
let delay: LoopDelay;

/** Tells times from look to look, as Node's monitor does. */
const monitor = {
  percentile: (percentile: number) =>
    (seenMs.toSorted((a, b) => a - b)[Math.ceil((percentile / 100) * seenMs.length) - 1] ?? 0) * 1e6,
  get max() {
    return Math.max(...seenMs) * 1e6;
  },
  get count() {
    return seenMs.length;
  },
  reset: () => {
    seenMs = [];
  },
};

beforeEach(() => {
  nowMs = 5_000;
  seenMs = [];
  delay = new LoopDelay(monitor, () => nowMs);
});

function told(): Record<string, number> {
  const samples = delay.family().samples ?? [];
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[0], Math.round(value * 1e6) / 1e3]));
}

it('is the time between two looks beyond what it should be', () => {
  seenMs = [...Array.from({ length: 98 }, () => RESOLUTION_MS), RESOLUTION_MS + 30, RESOLUTION_MS + 80];
  expect(told()).toEqual({ p50: 0, p90: 0, p99: 30, max: 80 });
});

it('is that of the last whole period, however often it is read', () => {
  seenMs = [RESOLUTION_MS + 7];
  nowMs += PERIOD_MS;
  delay.turn();
  seenMs = [RESOLUTION_MS + 500];
  const once = told();
  expect([once, told(), told()]).toEqual([once, once, { p50: 7, p90: 7, p99: 7, max: 7 }]);
  nowMs += PERIOD_MS;
  delay.turn();
  expect(told()).toMatchObject({ max: 500 });
});

it('is known though the monitor was reset in the middle of it: by the lateness of the turn', () => {
  nowMs += PERIOD_MS + 250;
  delay.turn();
  expect(told()).toEqual({ max: 250 });
});

it('is nothing before anything was seen', () => {
  expect(told()).toEqual({ max: 0 });
});
