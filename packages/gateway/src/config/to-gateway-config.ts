import { dirname, resolve } from 'node:path';

import type {
  KeyAnomaliesConfig,
  CountersConfig,
  GatewayConfig,
  ListenerConfig,
  TimeoutsConfig,
  TlsConfig,
} from './gateway-config.ts';
import { ownAddress } from './own-address.ts';
import type { LoadedConfig } from './parse-config.ts';
import { rolesOf } from './roles.ts';
import type { Config } from './schema.ts';
import { Secret } from './secret.ts';
import { toKeys } from './to-keys.ts';
import { toStore } from './to-store.ts';
import { toUpstreams } from './to-upstreams.ts';

/** Shorter values would tear holes into harmless answers. */
const SCRUB_CHARS_MIN = 8;

/** What `loaded` says besides the policy. `listen.port` must be the bound one where `hosts` are derived from it. */
export function toGatewayConfig(loaded: Pick<LoadedConfig, 'config' | 'file'>): GatewayConfig {
  const { config } = loaded;
  const { sessions, invites, keys, audit } = config;
  return {
    environment: config.environment,
    listen: { ...toListener(config.listen, config), socketsMax: config.listen.socketsMax },
    control: config.listen.control === undefined ? undefined : toListener(config.listen.control, config),
    metricsListener: config.listen.metrics,
    tls: toTls(config.tls, dirname(resolve(loaded.file))),
    trustedProxies: config.trustedProxies,
    upstreams: toUpstreams(config),
    roles: rolesOf(config),
    sessions: {
      absoluteMs: sessions.absolute,
      idleMs: sessions.idle,
      accessTokenLifeMs: sessions.accessTokenLife,
      refreshGraceMs: sessions.refreshGrace,
    },
    invites: { length: invites.length, lifeMs: invites.life, uses: invites.uses },
    keys: {
      policy: toKeys(config),
      lifeMaxMs: keys.lifeMax,
      rotationOverlapMs: keys.rotationOverlap,
      remindAfterMs: keys.remindAfter,
      anomalies: toAnomalies(keys.anomalies),
    },
    headersBytesMax: config.limits.headersMax,
    timeouts: toTimeouts(config.limits.timeouts),
    secrets: { keyEncryptionKey: config.secrets.keyEncryptionKey, scrub: toScrub(config) },
    store: toStore(config, dirname(resolve(loaded.file))),
    counters: toCounters(config.counters, dirname(resolve(loaded.file))),
    recording: {
      isOn: audit.recording.enabled,
      keepForMs: audit.recording.keepFor,
      bytesMax: audit.recording.sizeMax,
    },
    decisions: { keepForMs: audit.decisions.keepFor, bytesMax: audit.decisions.sizeMax },
    logLevel: config.log.level,
  };
}

function toAnomalies({ window: windowMs, ...rest }: Config['keys']['anomalies']): KeyAnomaliesConfig {
  return { windowMs, ...rest };
}

function toListener(
  listener: Config['listen'] | NonNullable<Config['listen']['control']>,
  config: Config,
): ListenerConfig {
  return { host: listener.host, port: listener.port, ...ownAddress(listener, config.environment) };
}

function toTls(tls: Config['tls'], folder: string): TlsConfig | undefined {
  if (tls?.terminatedBy !== undefined) return { kind: 'terminated', by: tls.terminatedBy };
  if (tls?.certificateFile === undefined || tls.keyFile === undefined) return undefined;
  return {
    kind: 'files',
    certificateFile: resolve(folder, tls.certificateFile),
    keyFile: resolve(folder, tls.keyFile),
  };
}

function toCounters(counters: Config['counters'], folder: string): CountersConfig {
  const { kind, url, caFile, prefix } = counters;
  if (kind === 'memory' || url === undefined) return { kind: 'memory' };
  return {
    kind,
    url,
    caFile: caFile === undefined ? undefined : resolve(folder, caFile),
    prefix,
    connectTimeoutMs: counters.connectTimeout,
    takeTimeoutMs: counters.takeTimeout,
  };
}

function toTimeouts(timeouts: Config['limits']['timeouts']): TimeoutsConfig {
  return {
    connectMs: timeouts.connect,
    headersMs: timeouts.headers,
    bodyIdleMs: timeouts.bodyIdle,
    requestHeadMs: timeouts.requestHead,
    requestBodyMs: timeouts.requestBody,
    drainMs: timeouts.drain,
  };
}

function toScrub(config: Config): readonly Secret[] {
  const injected = Object.values(config.upstreams).flatMap(({ injectHeaders }) => Object.values(injectHeaders));
  const values = [...config.secrets.scrub, ...injected].map((secret) => withoutScheme(secret.reveal()));
  return [...new Set(values)].filter((value) => value.length >= SCRUB_CHARS_MIN).map((value) => new Secret(value));
}

/** An answer leaks the token of `Bearer <token>`, seldom with the scheme before it. */
function withoutScheme(value: string): string {
  return value.replace(/^(?:bearer|basic|token|apikey)\s+/i, '');
}
