import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { toPolicy } from '../config/to-policy.ts';
import { CountersError } from '../counters/counters-error.ts';
import { KeyError } from '../crypto/key-error.ts';
import { systemRandom } from '../crypto/random.ts';
import { DecisionFile } from '../decisions/decision-file.ts';
import { newRequestId } from '../decisions/request-id.ts';
import { createLogger } from '../log/logger.ts';
import type { OpenedStore, OperatorDeps } from '../operator/deps.ts';
import { operatorSettings } from '../operator/settings.ts';
import { publicOriginOf } from '../runtime.ts';
import { actAsSystem } from '../store/actor.ts';
import { inviteState } from '../store/invites.ts';
import { inspectPostgres } from '../store/postgres-inspect.ts';
import { inspectSqlite } from '../store/sqlite-inspect.ts';
import { STORE_FILE } from '../store/sqlite.ts';
import { StoreError } from '../store/store-error.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import { openBase, systemClock } from './base.ts';
import { blockDesk } from './blocks.ts';
import { confirmationsOf } from './feed.ts';
import { databaseOf } from './database.ts';
import { keyOperator } from './keys.ts';

/** Opens a data directory that no server uses, for one operator command. @throws StoreError, KeyError */
export async function openOffline(dataDir: string, loaded: LoadedConfig): Promise<OpenedStore | 'in-use'> {
  const config = toGatewayConfig(loaded);
  const logger = createLogger({ level: 'error', destination: process.stderr });
  const base = await openBase({ loaded, dataDir, logger }).catch(ignoreInUse);
  if (base === 'in-use') return base;
  const decisions = new DecisionFile({ directory: join(dataDir, 'decisions') });
  const publicUrl = publicOriginOf(toPolicy(loaded.config, loaded.apis), config);
  const { invites, sessions, roles } = config;
  const desk = base.desk(() => ({ length: invites.length, sessionLifeMs: sessions.absoluteMs, roles }));
  const deps = operatorDeps({
    store: base.store,
    desk,
    blockDesk: blockDesk(base.store),
    decisions,
    settings: () => ({ config, publicUrl }),
    posture: undefined,
    upstreams: undefined,
    metrics: undefined,
    unconfirmed: confirmationsOf(base.store),
  });
  return { deps, close: () => base.store.close(systemClock.nowMs()) };
}

function ignoreInUse(cause: unknown): 'in-use' {
  if (cause instanceof StoreError && cause.code === 'in-use') return 'in-use';
  throw cause;
}

/** What operator commands work with, in a running server or on the store alone. */
export function operatorDeps(parts: OperatorParts): OperatorDeps {
  const { store, desk, decisions, posture, upstreams, metrics, unconfirmed } = parts;
  return {
    store,
    desk,
    ...keyOperator(store, () => parts.settings().config.keys),
    blockDesk: parts.blockDesk,
    posture,
    upstreams,
    metrics,
    unconfirmed,
    actor: (tenantId) => actAsSystem('cli', tenantId),
    inviteState,
    decisions: () => decisions.all(),
    findDecision: (id) => decisions.find(id),
    settings: () => operatorSettings(parts.settings()),
    clock: systemClock,
    newRequestId: () => newRequestId(systemRandom, systemClock.nowMs()),
    failureText,
  };
}

export interface OperatorParts extends Pick<
  OperatorDeps,
  'store' | 'desk' | 'blockDesk' | 'posture' | 'upstreams' | 'metrics' | 'unconfirmed'
> {
  readonly decisions: DecisionFile;
  /** Read at each use: a reload may change it. */
  readonly settings: () => { readonly config: GatewayConfig; readonly publicUrl: string };
}

/** Whether a store was ever made: in a data directory, unless the configuration names a server. */
export function storeExists(dataDir: string, loaded: LoadedConfig | undefined): boolean {
  if (loaded !== undefined && toGatewayConfig(loaded).store.kind === 'postgres') return true;
  return existsSync(join(dataDir, STORE_FILE));
}

/** Looks whether a store is sound, without changing it. @throws StoreError */
export async function inspectStore(dataDir: string, loaded: LoadedConfig | undefined): Promise<StoreFacts> {
  const database = loaded === undefined ? undefined : databaseOf(toGatewayConfig(loaded).store, loaded.file);
  if (database?.kind === 'postgres') return inspectPostgres(database);
  inspectSqlite(join(dataDir, STORE_FILE));
  return { kind: 'sqlite' };
}

/** What an operator may read of a failure of store, counters or keys; undefined for a bug. */
export function failureText(cause: unknown): string | undefined {
  const isTold = [StoreError, KeyError, CountersError].some((kind) => cause instanceof kind);
  return isTold && cause instanceof Error ? cause.message : undefined;
}
