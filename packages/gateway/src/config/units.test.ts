import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { authority, isAddressRange, isLoopbackHost, parseListenAddress } from './address.ts';
import { nearestName } from './suggest.ts';
import { parseDuration, parseSize } from './units.ts';

describe('durations and sizes', () => {
  it.each([
    ['250ms', 250],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['0s', 0],
    ['30d', 2_592_000_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '15', 'm', '-1m', '1.5h', '1h30m', ' 15m', '15m ', '15M', '1w', '15m\n'])(
    'refuses %j as a duration',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    ['0B', 0],
    ['16KiB', 16_384],
    ['1MiB', 1_048_576],
    ['1GiB', 1_073_741_824],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['1MB', '1', '1mib', '1 MiB'])('refuses %j as a size', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['[::1]:0', '::1', 0],
    ['localhost:65535', 'localhost', 65_535],
  ])('reads %s, and writes it the same', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
    expect(authority({ host, port })).toBe(text);
  });

  it.each([':8080', '127.0.0.1', '127.0.0.1:65536', '[::1]', '::1:8080', '[1.2.3.4]:80', 'a b:1', 'http://x:1'])(
    'refuses to listen on %j',
    (text) => {
      expect(parseListenAddress(text)).toBeUndefined();
    },
  );

  it.each([
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['::1', true],
    ['LOCALHOST', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.example.com', false],
    ['localhost.example.com', false],
    ['10.0.0.1', false],
  ])('T16: knows whether %s is reachable from this machine only', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });

  it.each([
    ['10.0.0.0/8', true],
    ['2001:db8::/32', true],
    ['1.2.3.4', true],
    ['0.0.0.0/0', true],
    ['10.0.0.0/33', false],
    ['::/129', false],
    ['10.0.0/8', false],
    ['10.0.0.0/08', false],
    ['10.0.0.0/', false],
    ['example.com', false],
  ])('tells whether %s is an address range', (text, expected) => {
    expect(isAddressRange(text)).toBe(expected);
  });
});

describe('suggestions', () => {
  it.each([
    ['acces', 'access'],
    ['Upstreams', 'upstreams'],
    ['premission', 'permission'],
    ['zzz', undefined],
  ])('of %s suggests %s', (typed, expected) => {
    expect(nearestName(typed, ['access', 'upstreams', 'permission'])).toBe(expected);
  });

  it('always suggests a known name or none', () => {
    const known = ['listen', 'limits', 'log'];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        expect([...known, undefined]).toContain(nearestName(typed, known));
      }),
    );
  });
});
