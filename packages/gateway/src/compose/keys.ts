import {
  type Alert,
  type EventSink,
  parseApiKey,
  claimsToBeApiKey,
  quotasOf,
  tenantLimit,
  untilNextDayMs,
} from '@steadygate/core';
import type { DayQuotaCounter } from '../auth/day-quotas.ts';
import type { SessionVerifier } from '../auth/authenticator.ts';
import { authenticators } from '../auth/authenticators.ts';
import { KeyAuthenticator } from '../auth/key-authenticator.ts';
import { KeyDesk } from '../auth/key-desk.ts';
import { reportLeak } from '../auth/key-leaks.ts';
import type { KeysConfig } from '../config/gateway-config.ts';
import { keySecrets } from '../crypto/api-key-secrets.ts';
import { digestOf, equalInConstantTime } from '../crypto/digest.ts';
import { systemRandom } from '../crypto/random.ts';
import type { KeyRouteDeps } from '../http/keys.ts';
import type { Logger } from '../log/logger.ts';
import type { OperatorDeps } from '../operator/deps.ts';
import { actAsSystem, SYSTEM_TENANT } from '../store/actor.ts';
import type { Store } from '../store/store.ts';
import { keyUse } from './key-use.ts';
import { keyView } from './key-view.ts';

/** What a gate's API keys stand on. */
export interface GateKeysParts {
  readonly store: Pick<Store, 'apiKeys' | 'keyUsage' | 'keyDays' | 'keyNetworks'>;
  /** Read at each use: a reload may change it. */
  readonly config: () => KeysConfig;
  readonly logger: Logger;
}

/** Everything about API keys in one gate, whatever its listeners. */
export type GateKeys = ReturnType<typeof gateKeys>;

/** Puts the parts of API keys together. */
export function gateKeys({ store, config, logger }: GateKeysParts) {
  const authenticator = new KeyAuthenticator({
    prefix: () => config().policy.prefix,
    digest: digestOf,
    equal: equalInConstantTime,
    byId: (id) => store.apiKeys.byId(id),
    // The authenticator hands back what `digestOf` made.
    importedByDigest: (digest) => store.apiKeys.importedByDigest(digest as ReturnType<typeof digestOf>),
  });
  const use = keyUse({ store, config, logger });
  return {
    authenticator,
    /** Judges keys, and leaves sessions to a listener's own. */
    beside: (sessions: SessionVerifier) => authenticators(sessions, authenticator),
    quotas: use.quotas,
    routes: (alert: EventSink['alert']) => keyRouteParts({ store, config, quotas: use.quotas }, alert),
    counting: (events: EventSink): EventSink => use.counting(events),
    jobs: {
      ...use.jobs,
      remind: (nowMs: number) => remind(store, config(), { logger, nowMs }),
    },
    /** When a key that still holds will end; undefined: not any more, or never. */
    endOf: async (keyId: string): Promise<number | undefined> => (await store.apiKeys.byId(keyId))?.expiresAtMs,
  };
}

/** What operator commands need for keys. */
export function keyOperator(
  { apiKeys }: Pick<Store, 'apiKeys'>,
  config: () => KeysConfig,
): Pick<OperatorDeps, 'keyDesk' | 'keyView'> {
  return { keyDesk: keyDesk(apiKeys, config), keyView };
}

/** Issues keys as the configuration says. */
function keyDesk(keys: Store['apiKeys'], config: () => KeysConfig): KeyDesk {
  const settings = () => {
    const { policy, lifeMaxMs, rotationOverlapMs } = config();
    const limitOf = (tenantId: string) => tenantLimit(policy, tenantId);
    return { prefix: policy.prefix, lifeMaxMs, rotationOverlapMs, limitOf };
  };
  return new KeyDesk({ keys, secrets: keySecrets(systemRandom), settings });
}

function keyRouteParts(
  {
    store: { apiKeys },
    config,
    quotas,
  }: Pick<GateKeysParts, 'store' | 'config'> & { readonly quotas: DayQuotaCounter },
  alert: (alert: Alert) => void,
): Omit<KeyRouteDeps, 'keys' | 'usage' | 'unconfirmed'> {
  const idOf = (text: string) => {
    const { prefix } = config().policy;
    return parseApiKey(text, prefix) ?? (claimsToBeApiKey(text, prefix) ? undefined : ('foreign' as const));
  };
  const leaks = {
    keys: apiKeys,
    idOf,
    digest: digestOf,
    equal: equalInConstantTime,
    actIn: (tenantId: string) => actAsSystem('gate', tenantId),
    onLeak: ({ id, tenantId }: { id: string; tenantId: string }, requestId: string) =>
      alert({
        kind: 'key-leaked',
        requestId,
        message: `Key ${id} of tenant ${tenantId} was reported as leaked: it is over.`,
      }),
  };
  return {
    keyDesk: keyDesk(apiKeys, config),
    viewOf: keyView,
    quotaOf: async (holder, nowMs) => {
      const { key, tenant } = quotasOf(config().policy, holder.tenantId);
      if (key === undefined && tenant === undefined) return undefined;
      const used = await quotas.used(holder, nowMs);
      return { limits: { key: key?.amount, tenant: tenant?.amount }, used, resetsAtMs: nowMs + untilNextDayMs(nowMs) };
    },
    reportLeak: (key, at) => reportLeak(leaks, key, at),
  };
}

/** Says once of each old key that it should be rotated (WK17). */
async function remind(
  { apiKeys }: GateKeysParts['store'],
  { remindAfterMs }: KeysConfig,
  { logger, nowMs }: { readonly logger: Logger; readonly nowMs: number },
): Promise<void> {
  const due = await apiKeys.remind(
    { madeBeforeMs: nowMs - remindAfterMs },
    { actor: actAsSystem('gate', SYSTEM_TENANT), nowMs },
  );
  for (const { id, tenantId } of due) logger.warn({ key: id, tenant: tenantId }, 'an API key should be rotated');
}
