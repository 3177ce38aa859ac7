import type { HeaderList } from '@steadygate/core';

/** The same fields for another host: it is the first of the list, as `upstreamHeaders` writes it. */
export function withHost(headers: HeaderList, host: string): HeaderList {
  if (headers[1] === host) return headers;
  return ['host', host, ...headers.slice(2)];
}
