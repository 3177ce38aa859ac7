import { describe, expect, it } from 'vitest';
import { request } from '../../test/fixtures.ts';
import { mayBeOtherSites } from './other-site.ts';

describe('T13: what a page of another site can make a browser send', () => {
  it.each([
    ['an image of another site', ['sec-fetch-site', 'cross-site', 'sec-fetch-mode', 'no-cors'], true],
    ['a frame of another site', ['sec-fetch-site', 'cross-site', 'sec-fetch-mode', 'navigate'], true],
    ['a page of a sibling host', ['sec-fetch-site', 'same-site', 'cookie', '__Host-token=x'], true],
    ['a page of this origin', ['sec-fetch-site', 'same-origin', 'origin', 'https://evil.example'], false],
    ['something typed', ['sec-fetch-site', 'none'], false],
    ['a form of another site, from an old browser', ['origin', 'https://evil.example'], true],
    ['a sandboxed page, from an old browser', ['origin', 'null'], true],
    ['a form of this origin, from an old browser', ['origin', 'https://app.example.com'], false],
    ['a program', [], false],
    ['a program with a key that claims to be a page', ['x-api-key', 'k', 'sec-fetch-site', 'cross-site'], false],
    [
      'a program with a token that claims to be a page',
      ['authorization', 'Bearer t', 'sec-fetch-site', 'cross-site'],
      false,
    ],
  ])('%s', (_, headers, isOthers) => {
    expect(mayBeOtherSites(request({ headers }))).toBe(isOthers);
  });
});
