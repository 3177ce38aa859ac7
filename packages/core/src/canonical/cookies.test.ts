import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookieName, foreignCookies, isOwnCookieName } from './cookies.ts';

describe('foreignCookies', () => {
  it.each([
    ['theme=dark', 'theme=dark'],
    ['a=1; b=2', 'a=1; b=2'],
    ['a=1;b="x y"; c', 'a=1; b="x y"; c'],
    ['__Host-token=x', undefined],
    ['a=1; __Host-token=x; b=2; __Host-refresh=y', 'a=1; b=2'],
    ['a=1; token=x; refresh=y', 'a=1'],
    ['a=1;__Host-token=x', 'a=1'],
    ['a=1;\t__Host-token =x', 'a=1'],
    ['__HOST-TOKEN=x; a=1', 'a=1'],
    ['"__Host-token"=x; a=1', 'a=1'],
    ['=__Host-token=x; a=1', 'a=1'],
    ['__Host%2Dtoken=x; a=1', 'a=1'],
    ['..Host-token=x; a=1', 'a=1'],
    ['$Version=1; a="1; __Host-token=x; b=1"; $Path=/', 'a="1; b=1"'],
    ['__Host-token', undefined],
    ['__Host-control-token=x; a=1; __Host-control-refresh=y', 'a=1'],
    ['control-token=x; a=1; control-refresh=y', 'a=1'],
    ['__HOST-Control-Token=x; __secure_control.refresh=y; a=1', 'a=1'],
    ['Control-TOKEN =x; a=1', 'a=1'],
    ['__Host-token=x; __Host-token=y', undefined],
    ['; ;', undefined],
    ['', undefined],
    ['csrf_token=x; _token=y', 'csrf_token=x; _token=y'],
    ['%zz=x', '%zz=x'],
  ])('T2: %j goes upstream as %j', (value, kept) => {
    expect(foreignCookies(value)).toBe(kept);
  });

  it('leaves no cookie of ours to a reader that divides at semicolons and trims', () => {
    const pair = fc.oneof(
      fc.constantFrom('__Host-token=secret', ' token=secret', 'refresh = secret', '=token=secret', 'control-token=x'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
        const names = (foreignCookies(pairs.join(';')) ?? '')
          .split(';')
          .map((text) => text.split('=', 1).join('').trim());
        expect(names.filter((name) => /^(?:__Host-)?(?:control-)?(?:token|refresh)$/i.test(name))).toEqual([]);
      }),
    );
  });
});

it('cookieName and isOwnCookieName never throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(isOwnCookieName(cookieName(text))).toBeTypeOf('boolean');
    }),
  );
});
