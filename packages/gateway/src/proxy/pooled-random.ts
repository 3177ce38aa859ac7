import type { Random } from '@steadygate/core';

const POOL_BYTES = 4096;

/**
 * Draws from the generator in large pieces: one call costs several microseconds, whatever its size.
 *
 * For request ids only. Each byte is handed out once; ids tell time and chance, and protect nothing.
 */
export function pooledRandom(random: Random): Random {
  let pool = new Uint8Array();
  let at = 0;
  const bytes = (count: number): Uint8Array => {
    if (at + count > pool.length) {
      pool = Uint8Array.from(random.bytes(Math.max(POOL_BYTES, count)));
      at = 0;
    }
    at += count;
    return pool.subarray(at - count, at);
  };
  return { bytes, id: () => random.id() };
}
