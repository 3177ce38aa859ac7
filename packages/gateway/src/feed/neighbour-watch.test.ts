import { expect, it } from 'vitest';
import type { Instance } from '../store/instances.ts';
import { NeighbourWatch } from './neighbour-watch.ts';

it('T11: tells once of neighbours that go by another configuration, when two looks have seen it', async () => {
  // What is compared.
  const other = (configDigest: string) => ({ configDigest }) as Instance;
  let others: Instance[] = [];
  const told: string[] = [];
  const watch = new NeighbourWatch({
    others: async () => others,
    self: () => ({ configDigest: 'new', countsWithOthers: true }),
    onTrouble: (trouble) => void told.push(trouble),
  });
  const looks = async (digests: readonly string[]): Promise<void> => {
    for (const digest of digests) {
      others = [other(digest)];
      await watch.look();
    }
  };
  await looks(['old', 'new', 'old', 'new']);
  expect(told).toEqual([]);
  await looks(['old', 'old', 'old']);
  expect(told).toEqual(['configuration-differs']);
  await looks(['new', 'old', 'old']);
  expect(told).toEqual(['configuration-differs', 'configuration-differs']);
});
