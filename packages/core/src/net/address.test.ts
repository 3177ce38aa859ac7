import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, isLoopback, isPrivate, parseAddress, parseRange, rangeContains } from './address.ts';
import type { Address, AddressRange } from './address.ts';

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
}

function range(text: string): AddressRange {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(`no range: ${text}`);
  return parsed;
}

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', 4],
    ['0.0.0.0', '0.0.0.0', 4],
    ['255.255.255.255', '255.255.255.255', 4],
    ['::ffff:127.0.0.1', '127.0.0.1', 4],
    ['::FFFF:7f00:1', '127.0.0.1', 4],
    ['0:0:0:0:0:ffff:255.255.255.255', '255.255.255.255', 4],
    ['::', '::', 6],
    ['::1', '::1', 6],
    ['1::', '1::', 6],
    ['::127.0.0.1', '::7f00:1', 6],
    ['2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1', 6],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1', 6],
    ['2001:db8::0:1', '2001:db8::1', 6],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3', 6],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', 6],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 6],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', 6],
  ])('reads %s as %s', (text, canonical, family) => {
    expect(address(text)).toMatchObject({ text: canonical, family });
  });

  it.each([
    '',
    ' ',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.04',
    '256.1.1.1',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.',
    '.1.2.3',
    '0x7f.0.0.1',
    '2130706433',
    '127.1',
    '1.2.3.-4',
    '1.2.3.4a',
    '1..2.3',
    '1234.1.1.1',
    '1.2.3.4/8',
    '١.٢.٣.٤',
    '[::1]',
    '::1%lo',
    'fe80::1%25eth0',
    ':',
    ':::',
    '::1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2:3:4:5:6:7:8',
    '12345::',
    '::g',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    '::1.2.3.256',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '::1 ',
    '::ffff:1.2.3.4.5',
    `${'0'.repeat(60)}::`,
    '-1::',
    '::+1',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('reads %j as no address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('keeps the canonical text of every IPv6 value', () => {
    const bits128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
    const sparse = fc.array(fc.constantFrom('0', '1', 'ffff', '0db8'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.oneof(
          sparse.map((groups) => groups.join(':')),
          bits128.map(asGroups),
        ),
        (text) => {
          const parsed = address(text);
          expect(parseAddress(parsed.text)).toEqual(parsed);
          if (parsed.family === 6) expect(parsed.text).toBe(new URL(`http://[${text}]`).hostname.slice(1, -1));
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(() => parseAddress(text)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', '1', 'f', ':', '.', '/', '%', '[', ']'), maxLength: 60 }),
        (text) => {
          expect(() => parseRange(text)).not.toThrow();
        },
      ),
    );
  });
});

function asGroups(value: bigint): string {
  return (value.toString(16).padStart(32, '0').match(/.{4}/g) ?? []).join(':');
}

describe('parseRange and rangeContains', () => {
  it.each([
    [
      '10.0.0.0/8',
      '10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'],
      ['9.255.255.255', '11.0.0.0', '::a00:1'],
    ],
    ['192.0.2.7', '192.0.2.7/32', ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
    ['0.0.0.0/0', '0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::', '::1']],
    ['::/0', '::/0', ['::', '2001:db8::1'], ['10.0.0.1', '::ffff:10.0.0.1']],
    ['2001:DB8::/32', '2001:db8::/32', ['2001:db8:ffff::1'], ['2001:db9::']],
    ['::1', '::1/128', ['::1'], ['::2']],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8', ['10.9.9.9'], ['11.0.0.0']],
  ])('%s is %s', (text, canonical, inside, outside) => {
    const parsed = range(text);
    expect(parsed.text).toBe(canonical);
    for (const text of inside) expect(rangeContains(parsed, address(text))).toBe(true);
    for (const text of outside) expect(rangeContains(parsed, address(text))).toBe(false);
  });

  it.each([
    '10.1.2.3/8',
    '2001:db8::1/32',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '/8',
    '',
    'localhost',
    '10.0.0.0/ 8',
    '10.0.0.0/1e1',
    '::ffff:0:0/95',
    '::ffff:10.0.0.0/8',
    '[::1]/128',
  ])('%j is no range', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe('addressKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
  ])('%s counts as %s', (text, key) => {
    expect(addressKey(address(text))).toBe(key);
  });
});

describe('isLoopback and isPrivate', () => {
  it.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1'])('%s is loopback and private', (text) => {
    expect(isLoopback(address(text))).toBe(true);
    expect(isPrivate(address(text))).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.9',
    '224.0.0.1',
    '239.1.1.1',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::127.0.0.1',
    'fc00::1',
    'fdff::1',
    'fd00:ec2::254',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
    '100::1',
    '2001:db8::1',
    '2001::1',
    '3fff::1',
    '5f00::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '4000::1',
  ])('%s is private and not loopback', (text) => {
    expect(isPrivate(address(text))).toBe(true);
    expect(isLoopback(address(text))).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
    '::ffff:8.8.8.8',
  ])('%s is neither', (text) => {
    expect(isPrivate(address(text))).toBe(false);
    expect(isLoopback(address(text))).toBe(false);
  });
});
