import { addressKey, parseAddress } from '../net/address.ts';

/** What limits count a canonical client address by: IPv4 whole, IPv6 by its /64. */
export function callerKey(clientAddress: string): string {
  // Canonical IPv4 text is its own key: no parsing on most requests.
  if (!clientAddress.includes(':')) return clientAddress;
  const address = parseAddress(clientAddress);
  return address === undefined ? clientAddress : addressKey(address);
}
