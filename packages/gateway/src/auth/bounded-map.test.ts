import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

describe('BoundedMap', () => {
  it('T24: never holds more than its bound, whatever is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer({ min: 0, max: 20 })), (sizeMax, keys) => {
        const map = new BoundedMap<number, number>(sizeMax);
        for (const key of keys) {
          map.get(key);
          map.set(key, key);
          expect(map.size).toBeLessThanOrEqual(sizeMax);
          expect(map.get(key)).toBe(key);
        }
      }),
    );
  });

  it('forgets what was least recently used, so that a flood of new keys costs those in use nothing', () => {
    const map = new BoundedMap<string, number>(3);
    map.set('in use', 0);
    for (let at = 1; at <= 100; at += 1) {
      map.set(`flood ${at}`, at);
      expect(map.get('in use')).toBe(0);
    }
    expect(map.get('flood 1')).toBeUndefined();
  });

  it('counts which look-ups it could answer; peeking is none', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.get('a');
    map.get('b');
    map.get('b');
    expect([map.peek('a'), map.peek('b')]).toEqual([1, undefined]);
    expect(map).toMatchObject({ size: 1, sizeMax: 2, hits: 1, misses: 2 });
  });

  it('replaces, deletes and clears', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('a', 2);
    expect([...map.values()]).toEqual([2]);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    map.set('b', 3);
    map.clear();
    expect(map.size).toBe(0);
  });
});
