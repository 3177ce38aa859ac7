import type { KeysPolicy, UpstreamPolicy } from '@steadygate/core';

import type { SslMode } from './postgres-url.ts';
import type { Secret } from './secret.ts';

/** What the configuration says besides the policy: defaults filled in, durations in milliseconds. */
export interface GatewayConfig {
  readonly environment: 'development' | 'production';
  readonly listen: ListenerConfig & { readonly socketsMax: number };
  /** A listener of its own for the control plane (T1). */
  readonly control: ListenerConfig | undefined;
  /** A listener of its own for metrics (T16). */
  readonly metricsListener: MetricsListenerConfig | undefined;
  readonly tls: TlsConfig | undefined;
  /** Addresses and CIDR ranges; empty: nobody is trusted. */
  readonly trustedProxies: readonly string[];
  readonly upstreams: readonly UpstreamConfig[];
  /** Built-in roles included. */
  readonly roles: Readonly<Record<string, RoleConfig>>;
  readonly sessions: SessionsConfig;
  readonly invites: InvitesConfig;
  readonly keys: KeysConfig;
  readonly headersBytesMax: number;
  readonly timeouts: TimeoutsConfig;
  readonly secrets: SecretsConfig;
  readonly store: StoreConfig;
  readonly counters: CountersConfig;
  readonly recording: { readonly isOn: boolean; readonly keepForMs: number; readonly bytesMax: number };
  readonly decisions: { readonly keepForMs: number; readonly bytesMax: number };
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
}

export interface ListenerConfig {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** Accepted `Host` values; empty: any. */
  readonly hosts: readonly string[];
  /** Own public origins; empty: unknown. */
  readonly origins: readonly string[];
}

export interface MetricsListenerConfig {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** Accepted `Host` values, besides addresses and `localhost`. */
  readonly hosts: readonly string[];
  /** Addresses and CIDR ranges that are answered. */
  readonly from: readonly string[];
}

/** Paths are absolute. */
export type TlsConfig =
  | { readonly kind: 'terminated'; readonly by: string }
  | { readonly kind: 'files'; readonly certificateFile: string; readonly keyFile: string };

export interface UpstreamConfig {
  readonly name: string;
  /** At least one; their origins differ. */
  readonly targets: readonly TargetConfig[];
  /** Sent as `Host` and wanted in certificates; undefined: each target's own. */
  readonly host: string | undefined;
  readonly policy: UpstreamPolicy;
  /** Lower-case field name → value. */
  readonly injectHeaders: Readonly<Record<string, Secret>>;
  /** True when ownership isolates objects of this upstream (T6). */
  readonly isolated: boolean;
}

export interface TargetConfig {
  readonly url: string;
  readonly weight: number;
}

export interface RoleConfig {
  readonly permissions: readonly string[];
  readonly invitePrefix: string;
}

export interface SessionsConfig {
  readonly absoluteMs: number;
  readonly idleMs: number;
  readonly accessTokenLifeMs: number;
  readonly refreshGraceMs: number;
}

export interface InvitesConfig {
  readonly length: number;
  readonly lifeMs: number;
  readonly uses: number;
}

/** When the use of a key is unusual. */
export interface KeyAnomaliesConfig {
  readonly mode: 'alert' | 'off';
  readonly windowMs: number;
  readonly factor: number;
  readonly atLeast: number;
  readonly errorsAtLeast: number;
}

/** API keys: what the policy says of them, and what else. */
export interface KeysConfig {
  readonly policy: KeysPolicy;
  /** Undefined: keys may have no end. */
  readonly lifeMaxMs: number | undefined;
  readonly rotationOverlapMs: number;
  readonly remindAfterMs: number;
  /** When a key's use is unusual. */
  readonly anomalies: KeyAnomaliesConfig;
}

export interface TimeoutsConfig {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyIdleMs: number;
  readonly requestHeadMs: number;
  readonly requestBodyMs: number;
  readonly drainMs: number;
}

/** Where state is kept. */
export type StoreConfig = { readonly kind: 'sqlite' } | PostgresConfig;

/** How a PostgreSQL is reached. Paths are absolute. */
export interface PostgresConfig {
  readonly kind: 'postgres';
  /** A name, an address, or the absolute folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly sslMode: SslMode;
  readonly caFile: string | undefined;
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly schema: string;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly idleTransactionTimeoutMs: number;
}

/** Where limits are counted. */
export type CountersConfig =
  | { readonly kind: 'memory' }
  | {
      readonly kind: 'redis';
      readonly url: Secret;
      /** Absolute; undefined: TLS trusts what the system does. */
      readonly caFile: string | undefined;
      readonly prefix: string;
      readonly connectTimeoutMs: number;
      readonly takeTimeoutMs: number;
    };

export interface SecretsConfig {
  readonly keyEncryptionKey: Secret | undefined;
  /** What must not leave in an answer: the configured values and those of injected header fields (SB18, T8). */
  readonly scrub: readonly Secret[];
}
