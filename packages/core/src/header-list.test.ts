import { describe, expect, it } from 'vitest';
import { allHeaders, firstHeader } from './header-list.ts';

const HEADERS = ['accept', 'a', 'cookie', 'x=1', 'cookie', 'x=2'];

describe('header lists', () => {
  it('find the first and every value of a field, in order', () => {
    expect(firstHeader(HEADERS, 'cookie')).toBe('x=1');
    expect(allHeaders(HEADERS, 'cookie')).toEqual(['x=1', 'x=2']);
  });

  it('find nothing where there is nothing', () => {
    expect(firstHeader(HEADERS, 'x=1')).toBeUndefined();
    expect(allHeaders(HEADERS, 'host')).toEqual([]);
    expect(allHeaders(['accept'], 'accept')).toEqual([]);
  });
});
