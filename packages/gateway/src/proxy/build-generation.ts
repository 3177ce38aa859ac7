import {
  compileGate,
  createScrubber,
  type GuardDeps,
  type Policy,
  type PolicyProblem,
  type RoutePolicy,
  type SessionAudience,
  securityHeaders,
} from '@steadygate/core';
import type { GatewayConfig, UpstreamConfig } from '../config/gateway-config.ts';
import { ownAddress } from '../config/own-address.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { toPolicy } from '../config/to-policy.ts';
import { canonicalOptions } from './canonical-options.ts';
import type { Generation, Upstream } from './generation.ts';
import { createUndiciClient } from './undici-client.ts';
import type { UpstreamClient } from './upstream-client.ts';

const CONNECTIONS_MAX = 1024;

export interface GenerationDeps {
  readonly guards: GuardDeps;
  readonly ownRoutes: readonly RoutePolicy[];
  /** Whose sessions are let in (T1). */
  readonly audience: SessionAudience;
  /** The generation before: its connections to unchanged upstreams are kept. */
  readonly previous: Generation | undefined;
}

/** A generation, or everything that keeps the configuration from being one. */
export type BuiltGeneration =
  | { readonly ok: true; readonly generation: Generation; readonly config: GatewayConfig; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** Compiles a loaded configuration. `loaded.config.listen.port` must be the bound one. */
export function buildGeneration(loaded: LoadedConfig, deps: GenerationDeps): BuiltGeneration {
  const policy = { ...toPolicy(loaded.config), audience: deps.audience };
  const compiled = compileGate(policy, deps.ownRoutes, deps.guards);
  if (!compiled.ok) return compiled;
  const config = toGatewayConfig(loaded);
  const { environment, timeouts } = config;
  const scrub = config.secrets.scrub.map((secret) => secret.reveal());
  const generation: Generation = {
    number: (deps.previous?.number ?? 0) + 1,
    table: compiled.table,
    canonical: canonicalOptions({ ...config, allowedHosts: ownAddress(loaded.config.listen, environment).hosts }),
    upstreams: upstreamsOf(config, deps.previous),
    scrubber: scrub.length === 0 ? undefined : createScrubber(scrub),
    securityHeaders: {
      http: securityHeaders(policy.egress, { https: false }),
      https: securityHeaders(policy.egress, { https: true }),
    },
    roles: policy.roles,
    messageLimit: policy.limits.general,
    timeouts,
    environment,
    hasControlOrigin: config.control !== undefined,
  };
  return { ok: true, generation, config, policy };
}

function upstreamsOf(config: GatewayConfig, previous: Generation | undefined): ReadonlyMap<string, Upstream> {
  return new Map(
    config.upstreams.map((upstream) => {
      const url = new URL(upstream.url);
      const client = clientOf(upstream.name, url, { config, previous });
      return [
        upstream.name,
        { name: upstream.name, url, client, inject: injected(upstream), isolated: upstream.isolated },
      ];
    }),
  );
}

/** Connections to an upstream whose address did not change go on through a reload (T11). */
function clientOf(
  name: string,
  url: URL,
  { config, previous }: { config: GatewayConfig; previous: Generation | undefined },
): UpstreamClient {
  const before = previous?.upstreams.get(name);
  if (before?.url.href === url.href && previous?.timeouts.connectMs === config.timeouts.connectMs) return before.client;
  return createUndiciClient(url, { connectMs: config.timeouts.connectMs, connectionsMax: CONNECTIONS_MAX });
}

function injected({ injectHeaders }: UpstreamConfig): readonly string[] {
  return Object.entries(injectHeaders).flatMap(([name, secret]) => [name, secret.reveal()]);
}
