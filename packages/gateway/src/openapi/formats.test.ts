import { describe, expect, it } from 'vitest';

import { FORMATS } from './formats.ts';

function has(name: string, value: string | number): boolean {
  const format = FORMATS[name];
  if (format?.type === 'number') return typeof value === 'number' && format.validate(value);
  return typeof value === 'string' && format?.validate(value) === true;
}

describe('formats', () => {
  it.each<[string, readonly (string | number)[], readonly (string | number)[]]>([
    ['int32', [0, 2_147_483_647, -2_147_483_648], [2_147_483_648, 1.5]],
    ['int64', [9_007_199_254_740_991], [0.5]],
    ['double', [0.5], [Infinity]],
    ['byte', ['', 'aGk=', 'aGk'], ['a b', 'a===']],
    [
      'date',
      ['2024-02-29', '2026-12-31'],
      ['2023-02-29', '1900-02-29', '2024-13-01', '2024-04-31', '24-1-1', '2024-01-00'],
    ],
    [
      'date-time',
      ['2024-02-29T23:59:60Z', '2024-01-01t00:00:00.123+02:00'],
      ['2024-01-01', '2024-01-01T25:00:00Z', '2024-01-01T00:00:00'],
    ],
    ['time', ['12:30:00Z'], ['24:00:00Z', '12:30Z']],
    ['duration', ['P1Y2M3DT4H5M6S', 'PT0.5S', 'P2W'], ['P', 'PT', '1D', 'P1H']],
    [
      'email',
      ['a.b+c@example.com'],
      ['a', '@example.com', 'a@', '.a@example.com', 'a..b@example.com', 'a b@example.com', 'ä@exämple.com x'],
    ],
    ['idn-email', ['ä@exämple.com'], ['ä@', 'ä@-x']],
    ['hostname', ['example.com', 'a-b.c'], ['-a.com', 'a..b', 'a_b', 'x'.repeat(64), '']],
    ['idn-hostname', ['exämple.com'], ['ex ample', '.a']],
    ['ipv4', ['192.0.2.1'], ['192.0.2', '192.0.2.256', '::1', '1']],
    ['ipv6', ['2001:db8::1', '::'], ['192.0.2.1', 'x::1']],
    ['uri', ['https://example.com/a?b#c', 'urn:x:y'], ['/a', 'example.com', 'https://exa mple.com']],
    ['uri-reference', ['/a?b#c', ''], ['a b', 'ä']],
    ['iri', ['https://exämple.com/ä'], ['ä', 'https://a b']],
    ['iri-reference', ['/ä'], ['a b']],
    ['uuid', ['9F3C71AB-20de-48b1-a6c0-5d7e83f2946b'], ['9f3c71ab20de48b1a6c05d7e83f2946b', 'x']],
    ['json-pointer', ['', '/a/0/b~1c'], ['a', '/a~2']],
    ['password', ['anything'], []],
  ])('%s', (name, right, wrong) => {
    expect(right.filter((value) => !has(name, value))).toEqual([]);
    expect(wrong.filter((value) => has(name, value))).toEqual([]);
  });
});
