import { describe, expect, it } from 'vitest';
import { neighbourTroubles } from './neighbours.ts';

describe('neighbourTroubles', () => {
  const same = { configDigest: 'a' };
  const other = { configDigest: 'b' };

  it.each([
    ['alone, counting for itself', { countsWithOthers: false }, [], []],
    ['the same, counting together', { countsWithOthers: true }, [same, same], []],
    ['T11: with another configuration', { countsWithOthers: true }, [same, other], ['configuration-differs']],
    ['WK12: counting for itself beside others', { countsWithOthers: false }, [same], ['counters-not-shared']],
    ['both', { countsWithOthers: false }, [other], ['configuration-differs', 'counters-not-shared']],
  ])('%s', (_what, how, others, expected) => {
    expect(neighbourTroubles({ ...same, ...how }, others)).toEqual(expected);
  });
});
