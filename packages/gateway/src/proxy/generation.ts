import type { CanonicalOptions, GateTable, HeaderList } from '@steadygate/core';
import type { UpstreamClient } from './upstream-client.ts';

/** One loaded configuration, immutable: a reload swaps the whole (T11). A request keeps the one it started with. */
export interface Generation {
  readonly number: number;
  readonly table: GateTable;
  readonly canonical: CanonicalOptions;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Secrets that never leave in an answer (T8). */
  readonly scrub: readonly string[];
  /** Security headers for every answer; those an upstream may set itself come apart. */
  readonly securityHeaders: HeaderList;
  readonly timeouts: Timeouts;
  readonly environment: 'development' | 'production';
  /** True when the control plane has an origin of its own: upstreams may then answer HTML in production (T1). */
  readonly hasControlOrigin: boolean;
}

/** Where a route's requests go. */
export interface Upstream {
  readonly name: string;
  readonly url: URL;
  readonly client: UpstreamClient;
  /** Header fields injected on the way up, such as a provider's key (SB18); lower-case names. */
  readonly inject: HeaderList;
  /** True when ownership isolates objects of this upstream (T6). */
  readonly isolated: boolean;
}

/** In milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** Until the upstream's answer head arrives. */
  readonly headersMs: number;
  /** Between two chunks of an answer body; event streams and sockets are exempt. */
  readonly bodyIdleMs: number;
  /** How long a request body may take. */
  readonly requestBodyMs: number;
  readonly drainMs: number;
}

/** The present generation; `current()` is read once per request. */
export interface GateState {
  current(): Generation;
}
