import { describe, expect, it } from 'vitest';
import { sharedLimit } from './support/shared-limit.ts';
import { hasServers } from './support/two-gates.ts';

describe.skipIf(!hasServers)('WK12: two gates under overload', () => {
  it('admit together what one may: never more than the rate gives, with its burst', async () => {
    const { all, flood } = await sharedLimit();
    try {
      const { admitted, refused, others, most } = await flood(5_000);
      expect(others).toBe(0);
      expect(admitted).toBeLessThanOrEqual(most);
      expect(refused).toBeGreaterThan(0);
      // What one may at once at the least: a limit that refuses what it should grant is none, either.
      expect(admitted).toBeGreaterThan(100);
    } finally {
      await all.close();
    }
  }, 60_000);
});
