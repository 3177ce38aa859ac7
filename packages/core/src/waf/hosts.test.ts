import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ipv4Text } from '../net/address-text.ts';
import { hostOf } from './hosts.ts';

describe('T14: a host is what it is in every spelling', () => {
  it.each([
    ['127.0.0.1', 'loopback', false],
    ['127.1', 'loopback', true],
    ['127.0.1', 'loopback', true],
    ['2130706433', 'loopback', true],
    ['0x7f000001', 'loopback', true],
    ['0x7f.0x0.0.1', 'loopback', true],
    ['017700000001', 'loopback', true],
    ['0177.0.0.01', 'loopback', true],
    ['0', 'loopback', true],
    ['0.0.0.0', 'loopback', false],
    ['127.0.0.1.', 'loopback', false],
    ['10.1.2.3', 'private', false],
    ['172.16.0.1', 'private', false],
    ['172.32.0.1', 'public', false],
    ['192.168.1.1', 'private', false],
    ['169.254.1.1', 'private', false],
    ['100.64.0.1', 'private', false],
    ['169.254.169.254', 'metadata', false],
    ['2852039166', 'metadata', true],
    ['0xa9.0xfe.0xa9.0xfe', 'metadata', true],
    ['0251.0376.0251.0376', 'metadata', true],
    ['169.254.43518', 'metadata', true],
    ['100.100.100.200', 'metadata', false],
    ['203.0.113.7', 'public', false],
    ['3405803783', 'public', true],
    ['[::1]', 'loopback', false],
    ['[::]', 'loopback', false],
    ['[0:0:0:0:0:0:0:1]', 'loopback', true],
    ['[::ffff:127.0.0.1]', 'loopback', true],
    ['[::ffff:7f00:1]', 'loopback', true],
    ['[::127.0.0.1]', 'loopback', true],
    ['[64:ff9b::a9fe:a9fe]', 'metadata', true],
    ['[fd00:ec2::254]', 'metadata', false],
    ['[fe80::1%25eth0]', 'private', false],
    ['[fd12:3456::1]', 'private', false],
    ['[2001:db8::1]', 'public', false],
    ['[nonsense]', 'public', false],
    ['localhost', 'loopback', false],
    ['a.localhost', 'loopback', false],
    ['localhost.localdomain', 'loopback', true],
    ['ip6-loopback', 'loopback', true],
    ['app.localtest.me', 'loopback', true],
    ['metadata.google.internal', 'metadata', false],
    ['instance-data', 'metadata', false],
    ['db.internal', 'private', false],
    ['kubernetes.default.svc', 'private', false],
    ['host.docker.internal', 'private', false],
    ['127.0.0.1.nip.io', 'loopback', true],
    ['app-10-0-0-1.sslip.io', 'private', true],
    ['169.254.169.254.nip.io', 'metadata', true],
    ['7f000001.c0a80001.rbndr.us', 'private', true],
    ['203.0.113.7.nip.io', 'public', true],
    ['something.nip.io', 'loopback', true],
    ['make-1.2.3.4-rebind.1u.ms', 'loopback', true],
    ['x.rebind.network', 'loopback', true],
    ['example.com', 'public', false],
    ['internal.example.com', 'public', false],
    ['10ways.example', 'public', false],
    ['1.2.3.4.5', 'public', false],
    ['256.1.1.1', 'public', false],
    ['0x', 'loopback', true],
    ['deadbeef', 'public', false],
    ['09.0.0.1', 'public', true],
    ['', 'public', false],
  ] as const)('%s is %s (obscured: %s)', (name, kind, isObscured) => {
    expect(hostOf(name)).toEqual({ kind, isObscured });
  });

  it('an address is of one kind, as one number, in octal and in hexadecimal', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), (value) => {
        const { kind } = hostOf(ipv4Text(value));
        const octets = ipv4Text(value).split('.').map(Number);
        const spellings = [
          String(value),
          `0x${value.toString(16)}`,
          octets.map((octet) => `0${octet.toString(8)}`).join('.'),
          octets.map((octet) => `0x${octet.toString(16)}`).join('.'),
          `${octets[0]}.${value % 0x100_0000}`,
        ];
        for (const spelling of spellings) expect(hostOf(spelling)).toEqual({ kind, isObscured: true });
      }),
    );
  });

  it('is read without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
        expect(['metadata', 'loopback', 'private', 'public']).toContain(hostOf(name).kind);
      }),
    );
  });
});
