import { type CanonicalOptions, parseRange } from '@steadygate/core';

const TARGET_BYTES_MAX = 8 * 1024;
const HEADERS_MAX = 100;

/** How heads are read under a configuration: target and number of fields have fixed bounds. */
export function canonicalOptions(settings: {
  readonly headersBytesMax: number;
  readonly trustedProxies: readonly string[];
  readonly allowedHosts: readonly string[];
}): CanonicalOptions {
  return {
    trustedProxies: settings.trustedProxies.map(parseRange).filter((range) => range !== undefined),
    allowedHosts: settings.allowedHosts,
    targetBytesMax: TARGET_BYTES_MAX,
    headerBytesMax: settings.headersBytesMax,
    headersMax: HEADERS_MAX,
  };
}
