import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from './canonical-json.ts';
import { ownerCache } from './owner-cache.ts';
import { parseTimeCursor, timeCursor } from './page.ts';

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('canonical JSON', () => {
  it('means the same, and has one spelling', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        const parsed: Json = JSON.parse(text);
        expect(canonicalJson(parsed)).toBe(text);
        expect(parsed).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('sorts members at every depth', () => {
    expect(canonicalJson({ b: 1, a: { d: [true, null], c: 'é"\n' } })).toBe(
      '{"a":{"c":"é\\"\\n","d":[true,null]},"b":1}',
    );
  });

  it.each<[string, Json]>([
    ['a fraction', 1.5],
    ['no number', Number.NaN],
    ['a lone surrogate', '\ud800'],
    ['one in a name', { '\udc00': 1 }],
  ])('refuses %s', (_name, value) => {
    expect(() => canonicalJson(value)).toThrow();
  });
});

describe('cursors', () => {
  it('come back as they were', () => {
    expect(parseTimeCursor(timeCursor(12, 'a-b_C'))).toEqual({ atMs: 12, id: 'a-b_C' });
  });

  it.each([undefined, '', '1', '.a', 'x.a', '1.', "1.a'--", '1.a.b', `${'9'.repeat(17)}.a`])(
    'are ignored when malformed: %s',
    (cursor) => {
      expect(parseTimeCursor(cursor)).toBeUndefined();
    },
  );
});

describe('the cache of owners', () => {
  const chat = { tenantId: 'default', upstream: 'app', resource: 'chat', objectId: 'c1' };

  it('keeps names apart that would read the same when joined', () => {
    const cache = ownerCache();
    cache.remember({ tenantId: 'a', upstream: 'bc', resource: 'd', objectId: 'e' }, 'ann', 0);
    expect(cache.get({ tenantId: 'ab', upstream: 'c', resource: 'd', objectId: 'e' })).toBeUndefined();
    expect(cache.get({ tenantId: 'a', upstream: 'bc', resource: 'd', objectId: 'e' })).toBe('ann');
  });

  it('T4: remembers nothing that was read before something was forgotten', () => {
    const cache = ownerCache();
    const epoch = cache.epoch();
    cache.forget(chat);
    cache.remember(chat, 'ann', epoch);
    expect(cache.get(chat)).toBeUndefined();
  });

  it('is bounded', () => {
    const cache = ownerCache(10);
    for (let at = 0; at < 100; at += 1) cache.remember({ ...chat, objectId: `c${at}` }, 'ann', 0);
    const kept = Array.from({ length: 100 }, (_, at) => cache.get({ ...chat, objectId: `c${at}` })).filter(
      (owner) => owner !== undefined,
    );
    expect(kept).toHaveLength(10);
  });
});
