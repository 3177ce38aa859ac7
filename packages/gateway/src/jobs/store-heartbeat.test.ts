import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StoreHeartbeat } from './store-heartbeat.ts';

const lost = new Error('gone');

let failure: Error | undefined;
let heartbeat: StoreHeartbeat;
let heard: unknown[];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  failure = undefined;
  heard = [];
  heartbeat = new StoreHeartbeat({
    nowMs: () => Date.now(),
    failure: () => failure,
    onLost: (cause) => void heard.push(cause),
    onStale: (staleMs) => void heard.push(staleMs),
  });
});

afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

it('T11: notices within 500 ms that the store is lost, says so once, and counts from the last good look', () => {
  vi.advanceTimersByTime(5_000);
  expect([heartbeat.staleMs(Date.now() + 60_000), heard]).toEqual([0, []]);
  failure = lost;
  vi.advanceTimersByTime(500);
  expect([heartbeat.staleMs(Date.now()), heard]).toEqual([500, [lost, 500]]);
  vi.advanceTimersByTime(1_000);
  expect([heartbeat.staleMs(Date.now() + 7), heard]).toEqual([1_507, [lost, 500, 1_000, 1_500]]);
});

it('T11: a store that is back is fresh, and its next loss is told again', () => {
  failure = lost;
  vi.advanceTimersByTime(500);
  failure = undefined;
  vi.advanceTimersByTime(500);
  expect(heartbeat.staleMs(Date.now())).toBe(0);
  failure = lost;
  vi.advanceTimersByTime(500);
  expect(heard).toEqual([lost, 500, lost, 500]);
});

it('looks no more once it is stopped', () => {
  heartbeat.stop();
  failure = lost;
  vi.advanceTimersByTime(5_000);
  expect([heartbeat.staleMs(Date.now()), heard]).toEqual([0, []]);
});
