import type {
  AnswerMerge,
  CanonicalOptions,
  GateTable,
  HeaderList,
  Policy,
  RouteLimit,
  Scrubber,
} from '@steadygate/core';
import type { UpstreamPool } from '../upstreams/pool.ts';

/** One loaded configuration, immutable: a reload swaps the whole (T11). A request keeps the one it started with. */
export interface Generation {
  readonly number: number;
  readonly table: GateTable;
  readonly canonical: CanonicalOptions;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Removes secrets from answers (T8); undefined when none are configured, so that plain answers cost nothing. */
  readonly scrubber: Scrubber | undefined;
  /** Security headers for every answer, by how the client reached us. */
  readonly securityHeaders: { readonly http: HeaderList; readonly https: HeaderList };
  /** Puts these together with an upstream's. */
  readonly merge: { readonly http: AnswerMerge; readonly https: AnswerMerge };
  /** What each role grants: open streams are judged by it again after a reload (T11). */
  readonly roles: Policy['roles'];
  /** The rate of a socket's messages where its route names none. */
  readonly messageLimit: RouteLimit;
  readonly timeouts: Timeouts;
  readonly environment: 'development' | 'production';
  /** True when the control plane has an origin of its own: upstreams may then answer HTML in production (T1). */
  readonly hasControlOrigin: boolean;
}

/** Where a route's requests go. */
export interface Upstream {
  readonly name: string;
  readonly pool: UpstreamPool;
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
