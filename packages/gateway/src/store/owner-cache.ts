import type { ObjectName } from '@steadygate/core';
import type { CacheUse } from '../auth/bounded-map.ts';

/** Objects whose owner is remembered. */
const OWNERS_MAX = 100_000;

/** Remembers owners, never their absence (T4). Bounded: the longest remembered goes first. */
export interface OwnerCache {
  get(object: ObjectName): string | undefined;
  /** How many times something was forgotten: an answer read before a change must not be remembered after it. */
  epoch(): number;
  /** Remembers an owner that was read at `epoch`, unless something was forgotten since. */
  remember(object: ObjectName, ownerId: string, epoch: number): void;
  forget(object: ObjectName): void;
  forgetAll(): void;
  use(): CacheUse;
}

/** An empty cache. */
export function ownerCache(ownersMax = OWNERS_MAX): OwnerCache {
  const owners = new Map<string, string>();
  let epoch = 0;
  let hits = 0;
  let misses = 0;
  return {
    get(object) {
      const owner = owners.get(keyOf(object));
      if (owner === undefined) misses += 1;
      else hits += 1;
      return owner;
    },
    use: () => ({ size: owners.size, sizeMax: ownersMax, hits, misses }),
    epoch: () => epoch,
    remember(object, ownerId, readAt) {
      if (readAt !== epoch) return;
      owners.set(keyOf(object), ownerId);
      if (owners.size <= ownersMax) return;
      const [oldest] = owners.keys();
      if (oldest !== undefined) owners.delete(oldest);
    },
    forget(object) {
      epoch += 1;
      owners.delete(keyOf(object));
    },
    forgetAll() {
      epoch += 1;
      owners.clear();
    },
  };
}

/** Lengths in front: no name can run into the next, whatever characters it holds. */
function keyOf({ tenantId, upstream, resource, objectId }: ObjectName): string {
  return `${tenantId.length}.${upstream.length}.${resource.length}.${tenantId}${upstream}${resource}${objectId}`;
}
