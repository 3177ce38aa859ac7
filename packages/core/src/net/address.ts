import { ipv4Text, ipv4Value, ipv6Text, ipv6Value } from './address-text.ts';

/** An IP address in its one spelling. An IPv4-mapped IPv6 address is the IPv4 address: both name the same caller. */
export interface Address {
  /** Canonical: dotted for IPv4, RFC 5952 for IPv6. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A block of addresses of one family, both ends included. */
export interface AddressRange {
  /** Canonical, with its prefix length. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const MAPPED_PREFIX = 0xffffn;

/** Reads an IP address strictly: no octal or short forms, no zone id, no brackets, no white space. Undefined otherwise. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = ipv4Value(text);
    return value === undefined ? undefined : { text, family: 4, value: BigInt(value) };
  }
  const value = ipv6Value(text);
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED_PREFIX ? ipv4Address(value & 0xffff_ffffn) : ipv6Address(value);
}

function ipv4Address(value: bigint): Address {
  return { text: ipv4Text(Number(value)), family: 4, value };
}

function ipv6Address(value: bigint): Address {
  return { text: ipv6Text(value), family: 6, value };
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address.
 *
 * Undefined when bits below the prefix are set: who writes `10.1.2.3/8` means one host or a network, and a guess would
 * trust millions. A range of IPv4-mapped addresses (prefix 96 or longer) is the IPv4 range; `::/0` holds IPv6 only.
 */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const base = parseAddress(addressText);
  if (base === undefined) return undefined;
  const prefix = slash < 0 ? widthOf(base) : prefixOf(text.slice(slash + 1), base, addressText.includes(':'));
  return prefix === undefined ? undefined : rangeOf(base, prefix);
}

function widthOf(address: Address): number {
  return address.family === 4 ? 32 : 128;
}

function prefixOf(text: string, base: Address, writtenAsIpv6: boolean): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const mapped = base.family === 4 && writtenAsIpv6;
  const prefix = Number(text) - (mapped ? 96 : 0);
  return prefix < 0 || prefix > widthOf(base) ? undefined : prefix;
}

function rangeOf(base: Address, prefix: number): AddressRange | undefined {
  const size = 1n << BigInt(widthOf(base) - prefix);
  if (base.value % size !== 0n) return undefined;
  return { text: `${base.text}/${prefix}`, family: base.family, first: base.value, last: base.value + size - 1n };
}

/** Whether an address lies in a range. Families never match each other. */
export function rangeContains(range: AddressRange, address: Address): boolean {
  return range.family === address.family && address.value >= range.first && address.value <= range.last;
}

/** What limits count by: an IPv4 address whole, an IPv6 address by its /64, which is what one subscriber gets. */
export function addressKey(address: Address): string {
  return address.family === 4 ? address.text : `${ipv6Text((address.value >> 64n) << 64n)}/64`;
}

const LOOPBACK = rangesOf(['127.0.0.0/8', '::1']);

/** Whether an address is the machine's own. Nothing is trusted because of it (T16). */
export function isLoopback(address: Address): boolean {
  return LOOPBACK.some((range) => rangeContains(range, address));
}

// IANA special-purpose registries (RFC 6890): what is not globally reachable.
const NOT_GLOBAL = rangesOf(
  (
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
    '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ' +
    // A cloud's metadata and name service in public space.
    '168.63.129.16 ' +
    // IPv6: special blocks inside the global unicast space; all outside of it is private too.
    '2001::/23 2001:db8::/32 3fff::/20'
  ).split(' '),
);
const GLOBAL_UNICAST = rangesOf(['2000::/3']);
// Addresses that carry an IPv4 address, and where it starts, in bits from the right.
const TRANSLATED: readonly { readonly ranges: readonly AddressRange[]; readonly shift: bigint }[] = [
  { ranges: rangesOf(['64:ff9b::/96']), shift: 0n },
  { ranges: rangesOf(['2002::/16']), shift: 80n },
];

/**
 * Whether an address is anything but a global unicast one: private, loopback, link-local, unique-local, shared (CGNAT),
 * metadata services, documentation, multicast, unspecified. NAT64 and 6to4 addresses are judged by the IPv4 address inside.
 */
export function isPrivate(address: Address): boolean {
  const inner = innerAddress(address);
  if (inner.family === 6 && !GLOBAL_UNICAST.some((range) => rangeContains(range, inner))) return true;
  return NOT_GLOBAL.some((range) => rangeContains(range, inner));
}

function innerAddress(address: Address): Address {
  const found = TRANSLATED.find(({ ranges }) => ranges.some((range) => rangeContains(range, address)));
  return found === undefined ? address : ipv4Address((address.value >> found.shift) & 0xffff_ffffn);
}

function rangesOf(texts: readonly string[]): readonly AddressRange[] {
  return texts.map((text) => parseRange(text)).filter((range) => range !== undefined);
}
