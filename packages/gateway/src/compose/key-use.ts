import type { EventSink } from '@steadygate/core';
import { DayQuotaCounter } from '../auth/day-quotas.ts';
import { KeyWatch } from '../auth/key-watch.ts';
import type { KeysConfig } from '../config/gateway-config.ts';
import type { Logger } from '../log/logger.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
const DAYS_KEPT_MS = 400 * DAY_MS;
const NETWORKS_KEPT_MS = 90 * DAY_MS;

/** What counting the use of keys stands on. */
export interface KeyUseParts {
  readonly store: Pick<Store, 'keyUsage' | 'keyDays' | 'keyNetworks'>;
  /** Read at each use: a reload may change it. */
  readonly config: () => KeysConfig;
  readonly logger: Logger;
}

/** Counts what keys do: for their holders, against their quotas, and to tell what is unusual. */
export function keyUse({ store, config, logger }: KeyUseParts) {
  const { keyUsage, keyDays, keyNetworks } = store;
  const quotas = new DayQuotaCounter(keyDays);
  return {
    quotas,
    /** Counts beside everything else that hears of decisions. */
    counting(events: EventSink): EventSink {
      const alert: EventSink['alert'] = (what) => events.alert(what);
      const watch = new KeyWatch({
        settings: () => config().anomalies,
        seen: (use, nowMs) => keyNetworks.see(use, nowMs),
        record: (unusual) => keyNetworks.recordUnusual(unusual),
        alert,
        onError: (cause) => logger.error({ cause }, 'the use of an API key was not noted'),
      });
      return {
        alert,
        decided(record) {
          events.decided(record);
          const { decision, atMs, routePath: route = '-' } = record;
          const { principal, denial } = decision;
          if (principal?.credential.kind !== 'key') return;
          const { tenantId, credential } = principal;
          keyUsage.note({ tenantId, keyId: credential.id, route, verdict: denial?.code ?? 'allow', atMs });
          watch.note(record);
        },
      };
    },
    jobs: {
      flush: () => keyUsage.flush(),
      flushQuotas: (nowMs: number) => quotas.flush(nowMs),
      async prune(nowMs: number): Promise<void> {
        await keyUsage.prune(nowMs - DAYS_KEPT_MS);
        await keyDays.prune(nowMs - DAYS_KEPT_MS);
        await keyNetworks.prune(nowMs - NETWORKS_KEPT_MS);
      },
    },
  };
}
