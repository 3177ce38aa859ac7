import { parseAddress } from '../net/address.ts';
import { ipv4Value } from '../net/address-text.ts';

/**
 * A `Host` value in its one spelling (lower case, RFC 5952 literals), or undefined.
 *
 * Stricter than RFC 3986: letters, digits, `-`, `_` and `.` only, no final dot, no percent-encoding, no empty port, and
 * what ends in a number must be a plain IPv4 address (`127.1` and `0x7f000001` name an address only to some).
 */
export function canonicalHost(text: string): string | undefined {
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : endOfName(text);
  const host = end === 0 ? undefined : canonicalName(text.slice(0, end));
  if (host === undefined) return undefined;
  if (end === text.length) return host;
  return isPort(text.slice(end)) ? host + text.slice(end) : undefined;
}

function endOfName(text: string): number {
  const colon = text.indexOf(':');
  return colon < 0 ? text.length : colon;
}

/** Whether a text is `:` and a port from 1 to 65535 without leading zeros. */
function isPort(text: string): boolean {
  return /^:[1-9]\d{0,4}$/.test(text) && Number(text.slice(1)) <= 65_535;
}

function canonicalName(text: string): string | undefined {
  if (text.startsWith('[')) return literal(text.slice(1, -1));
  if (text.length > 253) return undefined;
  const name = text.toLowerCase();
  if (!/^(?:[a-z\d_-]+\.)*[a-z\d_-]+$/.test(name)) return undefined;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return /^(?:\d+|0x[\da-f]*)$/.test(last) && ipv4Value(name) === undefined ? undefined : name;
}

function literal(text: string): string | undefined {
  if (!text.includes(':')) return undefined;
  const address = parseAddress(text);
  return address?.family === 6 ? `[${address.text}]` : address?.text;
}

/** Whether a canonical host is one of `allowed` (any, when empty). An entry without a port allows every port. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  const name = host.replace(/:\d+$/, '');
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase();
    return wanted === host || wanted === name;
  });
}
