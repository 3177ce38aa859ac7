import { authority, isLoopbackHost } from './address.ts';
import type { Config } from './schema.ts';

type Listener = Pick<Config['listen'], 'host' | 'port' | 'hosts' | 'origins'>;

/** What a listener is called from outside. */
export interface OwnAddress {
  /** Accepted `Host` values in lower case; empty: any. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}

/**
 * The names and origins of a listener, each derived from the other where only one is configured.
 *
 * With neither, a loopback bind in development answers to loopback names only, which stops DNS rebinding (T16).
 */
export function ownAddress(listener: Listener, environment: Config['environment']): OwnAddress {
  const { hosts, origins } = listener;
  if (hosts.length === 0 && origins.length === 0) {
    return environment === 'development' ? loopbackAddress(listener) : { hosts: [], origins: [] };
  }
  return {
    hosts: hosts.length > 0 ? hosts : origins.map((origin) => new URL(origin).host),
    origins: origins.length > 0 ? origins : hosts.map((host) => originOf(host, environment)),
  };
}

function originOf(host: string, environment: Config['environment']): string {
  // Through URL, so that a default port goes: browsers never send it.
  return new URL(`${environment === 'production' ? 'https' : 'http'}://${host}`).origin;
}

function loopbackAddress({ host, port }: Listener): OwnAddress {
  const names = isLoopbackHost(host) ? ['127.0.0.1', 'localhost', '::1', host] : [host];
  const hosts = [...new Set(names)].map((name) => authority({ host: name, port }));
  return { hosts, origins: hosts.map((name) => originOf(name, 'development')) };
}
