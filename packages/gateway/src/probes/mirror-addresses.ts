import { isIP } from 'node:net';
import { networkOf, parseAddress, parseRange, rangeContains } from '@steadygate/core';

/** Addresses from which probes may call under a configuration's lists. */
export interface ProbeAddresses {
  /** Undefined where loopback itself is allowed: probes then call as they are. */
  readonly usual: string | undefined;
  /** One that was not given out before, as far as the lists leave any. */
  next(): string;
  /** One of another network than the usual one; undefined where the lists leave none. */
  readonly elsewhere: string | undefined;
}

/** Chooses addresses that the lists let in: documentation addresses (RFC 5737), or such of the allow list. */
export function addressesFor(lists: {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}): ProbeAddresses {
  const isDenied = memberOf(lists.deny);
  const isAllowed = memberOf(lists.allow);
  const mayCall = (address: string): boolean => !isDenied(address) && (lists.allow.length === 0 || isAllowed(address));
  const bases = lists.allow.length === 0 ? ['198.51.100.0', '203.0.113.0'] : lists.allow.map(baseOf);
  const candidates = bases.flatMap((base) => [...neighbours(base), base]).filter(mayCall);
  const usual = mayCall('127.0.0.1') ? undefined : candidates[0];
  let given = usual === undefined ? 0 : 1;
  const ends = lists.allow.flatMap(lastOf).filter(mayCall);
  const home = networkOf(usual ?? '127.0.0.1');
  return {
    usual,
    elsewhere: [...candidates, ...ends].find((address) => networkOf(address) !== home),
    next() {
      const address = candidates[given % Math.max(candidates.length, 1)] ?? usual ?? '127.0.0.1';
      given += 1;
      return address;
    },
  };
}

function memberOf(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseRange).filter((range) => range !== undefined);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && parsed.some((range) => rangeContains(range, address));
  };
}

/** The last address but one of an IPv4 range. */
function lastOf(text: string): readonly string[] {
  const range = parseRange(text);
  if (range?.family !== 4 || range.last - range.first < 2n) return [];
  const value = Number(range.last - 1n);
  return [[24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')];
}

function baseOf(range: string): string {
  return range.split('/', 1)[0] ?? range;
}

/** Others of the same IPv4 /24; of IPv6, where a /64 is one caller, the base alone. */
function neighbours(base: string): readonly string[] {
  if (isIP(base) !== 4) return [];
  const prefix = base.slice(0, base.lastIndexOf('.'));
  return Array.from({ length: 64 }, (_, at) => `${prefix}.${at + 1}`);
}
