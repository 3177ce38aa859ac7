import { parseAddress } from './address.ts';
import { ipv4Text, ipv6Text } from './address-text.ts';

/** The network of an address, as one operator gets it: the /24 of IPv4, the /48 of IPv6. Undefined for what is no address. */
export function networkOf(clientAddress: string): string | undefined {
  const address = parseAddress(clientAddress);
  if (address === undefined) return undefined;
  if (address.family === 4) return `${ipv4Text(Number((address.value >> 8n) << 8n))}/24`;
  return `${ipv6Text((address.value >> 80n) << 80n)}/48`;
}
