import type { Rate, StrikeCounter } from '@steadygate/core';
import { describe, expect, it } from 'vitest';

const RATE: Rate = { amount: 10, perMs: 60_000 };
const NOW = 1_800_000_000_000;

/** What every implementation of `StrikeCounter` must do. */
export function strikeCounterContract(makeCounter: () => StrikeCounter | Promise<StrikeCounter>): void {
  describe('strike counter contract', () => {
    const strikes = async (counter: StrikeCounter, times: readonly number[], key = 'a'): Promise<boolean[]> => {
      const found: boolean[] = [];
      for (const atMs of times) found.push(await counter.strike(key, RATE, atMs));
      return found;
    };
    const spaced = (count: number, everyMs: number): number[] =>
      Array.from({ length: count }, (_, at) => NOW + at * everyMs);

    it('WK3: tells the tenth within a minute, and begins anew', async () => {
      const counter = await makeCounter();
      const once = [...Array.from({ length: 9 }, () => false), true];
      expect(await strikes(counter, [...spaced(10, 1), ...spaced(10, 1)])).toEqual([...once, ...once]);
    });

    it('counts exactly over the whole window: evenly spaced ones too', async () => {
      const counter = await makeCounter();
      expect((await strikes(counter, spaced(10, 6_666))).at(-1)).toBe(true);
    });

    it('forgets what is older than the window, however long it goes on', async () => {
      const counter = await makeCounter();
      expect(await strikes(counter, spaced(40, 6_700))).not.toContain(true);
    });

    it('counts each key by itself', async () => {
      const counter = await makeCounter();
      await strikes(counter, spaced(9, 1));
      expect(await strikes(counter, [NOW], 'b')).toEqual([false]);
    });

    it('tells exactly one of many at the same time', async () => {
      const counter = await makeCounter();
      const found = await Promise.all(Array.from({ length: 19 }, async () => counter.strike('a', RATE, NOW)));
      expect(found.filter(Boolean)).toHaveLength(1);
    });

    it('begins anew for who was forgiven', async () => {
      const counter = await makeCounter();
      await strikes(counter, spaced(9, 1));
      await counter.forget('a');
      expect(await strikes(counter, spaced(9, 1))).not.toContain(true);
    });
  });
}
