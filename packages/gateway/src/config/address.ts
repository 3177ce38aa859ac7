import { isIP } from 'node:net';

/** Where to listen. Port 0 lets the system choose one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`; undefined when it is none of these. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name, portText] = match;
  const port = Number(portText);
  if (port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) return undefined;
  return { host: ipv6 ?? name ?? '', port };
}

/** Whether a bind to `host` is reachable from this machine only. */
export function isLoopbackHost(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host.toLowerCase() === 'localhost';
}

/** Whether `text` is an address or a CIDR range, IPv4 or IPv6. */
export function isAddressRange(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash === -1) return isIP(text) !== 0;
  const family = isIP(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  return family !== 0 && /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** Whether an address or CIDR range holds addresses of this machine only. */
export function isLoopbackRange(range: string): boolean {
  const [address = '', bits] = range.split('/');
  if (isIP(address) === 4) return address.startsWith('127.') && Number(bits ?? '32') >= 8;
  return /^(?:0*:)+0*1$/.test(address) && Number(bits ?? '128') === 128;
}

/** Host and port as a `Host` field or an origin writes them. */
export function authority(address: ListenAddress): string {
  const host = isIP(address.host) === 6 ? `[${address.host}]` : address.host;
  return `${host}:${String(address.port)}`;
}
