import { headerKind } from '../canonical/header-kind.ts';
import { allHeaders, firstHeader, type HeaderList } from '../header-list.ts';
import { parseAddress, rangeContains, type Address, type AddressRange } from './address.ts';

/** Who calls, as far as trusted proxies can say. */
export interface ClientAddress {
  /** Canonical text. */
  readonly address: string;
  /** How the caller reached the outermost trusted proxy that said so; absent when none did. */
  readonly scheme?: 'http' | 'https';
  /** True when a peer that is no trusted proxy sent a forwarding field: an alert, never a block (T13). */
  readonly forged: boolean;
}

interface Hop {
  readonly address: Address;
  readonly scheme: 'http' | 'https' | undefined;
}

/**
 * The caller's address: the peer, or what trusted proxies forward, read from right to left until a hop is not trusted.
 *
 * Only the part that trusted proxies wrote is believed: a malformed entry ends the way at the last good hop. When
 * `X-Forwarded-For` is present, `Forwarded` is not read: most proxies append to the first and pass the second through, so
 * a listed proxy must write `X-Forwarded-For`, or write `Forwarded` and remove `X-Forwarded-For`.
 */
export function clientAddress(peer: Address, headers: HeaderList, trusted: readonly AddressRange[]): ClientAddress {
  if (!isTrusted(peer, trusted)) return { address: peer.text, forged: hasForwarding(headers) };
  const listed = entries(headers, 'x-forwarded-for');
  const usesForwarded = listed.length === 0;
  const hops = usesForwarded ? entries(headers, 'forwarded') : listed;
  const client = walk({ peer, hops, read: usesForwarded ? forwardedHop : listedHop }, trusted);
  const scheme = usesForwarded && client.scheme !== undefined ? client.scheme : listedScheme(headers);
  return { address: client.address.text, ...(scheme === undefined ? {} : { scheme }), forged: false };
}

function isTrusted(address: Address, trusted: readonly AddressRange[]): boolean {
  return trusted.some((range) => rangeContains(range, address));
}

/** Whether a request says of itself that it came through a proxy: such a one is not direct, wherever it comes from (T16). */
export function cameThroughProxy(headers: HeaderList): boolean {
  return hasForwarding(headers) || firstHeader(headers, 'via') !== undefined;
}

function hasForwarding(headers: HeaderList): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if (headerKind(headers[at] ?? '')?.forwarding === true) return true;
  }
  return false;
}

/**
 * The elements of a list field, all lines joined. Split at every comma, quoted ones too: what a client put before must
 * not be able to swallow, with an open quote, what a proxy appended.
 */
function entries(headers: HeaderList, name: string): readonly string[] {
  return allHeaders(headers, name).flatMap((value) => value.split(','));
}

interface Way {
  readonly peer: Address;
  readonly hops: readonly string[];
  read(text: string): Hop | undefined;
}

function walk(way: Way, trusted: readonly AddressRange[]): Hop {
  let client: Hop = { address: way.peer, scheme: undefined };
  for (let at = way.hops.length - 1; at >= 0 && isTrusted(client.address, trusted); at -= 1) {
    const hop = way.read(way.hops[at] ?? '');
    if (hop === undefined) break;
    client = hop;
  }
  return client;
}

function listedHop(text: string): Hop | undefined {
  const address = nodeAddress(text.trim());
  return address === undefined ? undefined : { address, scheme: undefined };
}

/** RFC 7239 §4: `for=192.0.2.1;proto=https`; an obfuscated or unknown node says nothing. */
function forwardedHop(text: string): Hop | undefined {
  const pairs = forwardedPairs(text);
  const address = nodeAddress(pairs?.get('for') ?? '');
  return address === undefined ? undefined : { address, scheme: schemeOf(pairs?.get('proto') ?? '') };
}

/** The parameters of one element; undefined when it is malformed or names one twice. */
function forwardedPairs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const part of text.split(';')) {
    const [, name, quoted, token] = /^\s*([a-z]+)=(?:"([^"\\]*)"|([^\s"\\]+))\s*$/i.exec(part) ?? [];
    if (name === undefined || pairs.has(name.toLowerCase())) return undefined;
    pairs.set(name.toLowerCase(), quoted ?? token ?? '');
  }
  return pairs;
}

/** An address with or without a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function nodeAddress(text: string): Address | undefined {
  const bracketed = /^\[([\da-f.]*:[\da-f:.]*)\](?::\d{1,5})?$/i.exec(text);
  if (bracketed?.[1] !== undefined) return parseAddress(bracketed[1]);
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text);
  return parseAddress(withPort?.[1] ?? text);
}

/** Of several values the last one: only the nearest proxy is known to have written it. */
function listedScheme(headers: HeaderList): 'http' | 'https' | undefined {
  return schemeOf(entries(headers, 'x-forwarded-proto').at(-1) ?? '');
}

function schemeOf(text: string): 'http' | 'https' | undefined {
  const scheme = text.trim().toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
}
