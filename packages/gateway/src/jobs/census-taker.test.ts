import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Census } from '../store/census.ts';
import { CensusTaker } from './census-taker.ts';

let answer: () => Promise<Census>;
let taker: CensusTaker<Census>;
let asked: number;

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  answer = async () => ({ liveSessions: 3, keysToRotate: asked });
  taker = new CensusTaker({
    take: () => {
      asked += 1;
      return answer();
    },
  });
});

afterEach(() => {
  taker.stop();
  vi.useRealTimers();
});

it('counts at the start and once a minute, however often it is read', async () => {
  await vi.advanceTimersByTimeAsync(0);
  expect([taker.last(), taker.last(), asked]).toEqual([{ liveSessions: 3, keysToRotate: 1 }, taker.last(), 1]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(taker.last()).toEqual({ liveSessions: 3, keysToRotate: 3 });
});

it('knows nothing while the store cannot be asked', async () => {
  await vi.advanceTimersByTimeAsync(0);
  answer = async () => Promise.reject(new Error('lost'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(taker.last()).toBeUndefined();
});

it('does not ask again while an answer is outstanding, nor once it is stopped', async () => {
  answer = () => new Promise(() => undefined);
  await vi.advanceTimersByTimeAsync(180_000);
  expect(asked).toBe(2);
  taker.stop();
  await vi.advanceTimersByTimeAsync(180_000);
  expect(asked).toBe(2);
});
