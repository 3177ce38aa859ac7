import {
  compileGate,
  createScrubber,
  type GuardDeps,
  type Policy,
  type PolicyProblem,
  type RoutePolicy,
  type SessionAudience,
} from '@steadygate/core';
import type { UpstreamPool } from '../upstreams/pool.ts';
import type { PreparedUpstreams, Upstreams } from '../upstreams/upstreams.ts';
import type { GatewayConfig, UpstreamConfig } from '../config/gateway-config.ts';
import { ownAddress } from '../config/own-address.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { toPolicy } from '../config/to-policy.ts';
import { canonicalOptions } from './canonical-options.ts';
import { egressOf } from './egress.ts';
import type { Generation, Upstream } from './generation.ts';

export interface GenerationDeps {
  readonly guards: GuardDeps;
  readonly ownRoutes: readonly RoutePolicy[];
  /** Whose sessions are let in (T1). */
  readonly audience: SessionAudience;
  /** Targets that did not change are kept, with their connections. */
  readonly upstreams: Pick<Upstreams, 'prepare'>;
  /** The generation before. */
  readonly previous: Generation | undefined;
}

/** A generation, or everything that keeps the configuration from being one. */
export type BuiltGeneration =
  | {
      readonly ok: true;
      readonly generation: Generation;
      /** To be put in force with the generation. */
      readonly upstreams: PreparedUpstreams;
      readonly config: GatewayConfig;
      readonly policy: Policy;
    }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** Compiles a loaded configuration. `loaded.config.listen.port` must be the bound one. */
export function buildGeneration(loaded: LoadedConfig, deps: GenerationDeps): BuiltGeneration {
  const policy = { ...toPolicy(loaded.config, loaded.apis), audience: deps.audience };
  const compiled = compileGate(policy, deps.ownRoutes, deps.guards);
  if (!compiled.ok) return compiled;
  const config = toGatewayConfig(loaded);
  const { environment, timeouts } = config;
  const scrub = config.secrets.scrub.map((secret) => secret.reveal());
  const upstreams = deps.upstreams.prepare(config.upstreams, timeouts.connectMs);
  const generation: Generation = {
    number: (deps.previous?.number ?? 0) + 1,
    table: compiled.table,
    canonical: canonicalOptions({ ...config, allowedHosts: ownAddress(loaded.config.listen, environment).hosts }),
    upstreams: upstreamsOf(config, upstreams.pools),
    scrubber: scrub.length === 0 ? undefined : createScrubber(scrub),
    ...egressOf(policy.egress),
    roles: policy.roles,
    messageLimit: policy.limits.general,
    timeouts,
    environment,
    hasControlOrigin: config.control !== undefined,
  };
  return { ok: true, generation, upstreams, config, policy };
}

function upstreamsOf(config: GatewayConfig, pools: ReadonlyMap<string, UpstreamPool>): ReadonlyMap<string, Upstream> {
  const upstreams = config.upstreams.flatMap((upstream): readonly Upstream[] => {
    const { name, isolated } = upstream;
    const pool = pools.get(name);
    return pool === undefined ? [] : [{ name, pool, inject: injected(upstream), isolated }];
  });
  return new Map(upstreams.map((upstream) => [upstream.name, upstream]));
}

function injected({ injectHeaders }: UpstreamConfig): readonly string[] {
  return Object.entries(injectHeaders).flatMap(([name, secret]) => [name, secret.reveal()]);
}
