import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samplerOf } from './sampler.ts';

const traceIds = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 32, maxLength: 32 });
const parent = (isSampled: boolean) => ({
  traceId: '1'.repeat(32),
  spanId: '1'.repeat(16),
  isSampled,
  state: undefined,
});

describe('a sampler', () => {
  it('leaves the decision to a trusted caller where it is based on parents, and only there', () => {
    fc.assert(
      fc.property(traceIds, fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (id, isSampled, ratio) => {
        expect(samplerOf({ isParentBased: true, ratio })(parent(isSampled), id)).toBe(isSampled);
        const alone = samplerOf({ isParentBased: false, ratio });
        expect(alone(parent(isSampled), id)).toBe(alone(undefined, id));
      }),
    );
  });

  it('takes all of a ratio of 1, and nothing of 0', () => {
    for (const id of ['0'.repeat(31) + '1', 'f'.repeat(32)]) {
      expect(samplerOf({ isParentBased: true, ratio: 1 })(undefined, id)).toBe(true);
      expect(samplerOf({ isParentBased: true, ratio: 0 })(undefined, id)).toBe(false);
    }
  });

  it('takes with a higher ratio whatever it takes with a lower one', () => {
    const ratios = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(traceIds, ratios, ratios, (id, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const takes = (ratio: number) => samplerOf({ isParentBased: false, ratio })(undefined, id);
        expect(!takes(low) || takes(high)).toBe(true);
      }),
    );
  });

  it('takes about its share', () => {
    const take = samplerOf({ isParentBased: false, ratio: 0.25 });
    let count = 0;
    for (let at = 0; at < 4_096; at += 1) {
      // Evenly spread over the digits that count.
      const id = '0'.repeat(18) + at.toString(16).padStart(3, '0') + '0'.repeat(11);
      if (take(undefined, id)) count += 1;
    }
    expect(count).toBe(1_024);
  });
});
