import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@steadygate/core';
import { InviteDesk } from '../auth/invite-desk.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { derivedKeys } from '../crypto/derived-keys.ts';
import { inviteSecrets } from '../crypto/invite-secrets.ts';
import { loadKek } from '../crypto/key-encryption-key.ts';
import { type KeyRing, keyRing } from '../crypto/key-ring.ts';
import { systemRandom } from '../crypto/random.ts';
import { storeCrypto } from '../crypto/store-crypto.ts';
import { runAnew } from '../feed/run-anew.ts';
import type { Logger } from '../log/logger.ts';
import { databaseOf, judgeRights } from './database.ts';
import { actAsSystem, SYSTEM_TENANT } from '../store/actor.ts';
import { STORE_FILE } from '../store/sqlite.ts';
import { openStore, type Store } from '../store/store.ts';
import type { OnOperation } from '../store/timed-database.ts';

/** The system's clock: the one place where time comes from. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Milliseconds with fractions that never go back: for durations. */
export const monotonicMs = (): number => performance.now();

/** What exists without a server: enough for operator commands on a data directory that nobody serves. */
export interface Base {
  readonly store: Store;
  readonly desk: (settings: ConstructorParameters<typeof InviteDesk>[0]['settings']) => InviteDesk;
  readonly keys: ReturnType<typeof derivedKeys>;
}

export interface BaseOptions {
  readonly loaded: LoadedConfig;
  readonly dataDir: string;
  readonly logger: Logger;
  /** Hears how long operations of the store take. */
  readonly onOperation?: OnOperation;
}

/** Opens a data directory. @throws StoreError, KeyError */
export async function openBase({ loaded, dataDir, logger, onOperation }: BaseOptions): Promise<Base> {
  const { environment, secrets, store: kept } = toGatewayConfig(loaded);
  const configured = secrets.keyEncryptionKey?.reveal();
  const isSealed = kept.kind === 'sqlite' && holdsStore(dataDir);
  const kek = loadKek({ configured, environment, dataDir, isSealed, random: systemRandom });
  const keys = derivedKeys(kek);
  const onListenerError = (cause: unknown): void => logger.error({ cause }, 'a listener of state events failed');
  const crypto = storeCrypto(kek, systemRandom);
  const database = databaseOf(kept, loaded.file);
  const watch = onOperation === undefined ? {} : { watch: { monotonicMs, onOperation } };
  const store = await openStore({ dataDir, database, crypto, nowMs: systemClock.nowMs(), onListenerError, ...watch });
  await judgeRights(store, { loaded, logger }).catch(async (cause: unknown) => {
    await store.close(systemClock.nowMs());
    throw cause;
  });
  const codes = inviteSecrets(keys.invitePepper, systemRandom);
  return { store, keys, desk: (settings) => new InviteDesk({ invites: store.invites, secrets: codes, settings }) };
}

/** Whether something in a data directory may have been sealed. */
function holdsStore(dataDir: string): boolean {
  return (statSync(join(dataDir, STORE_FILE), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** The key ring of the moment: a rotation swaps it. */
export async function liveKeys(store: Store): Promise<{ current: () => KeyRing; reload: () => Promise<void> }> {
  const by = { actor: actAsSystem('gate', SYSTEM_TENANT), nowMs: systemClock.nowMs() };
  await store.signingKeys.ensure(by);
  const load = async (): Promise<KeyRing> => keyRing(await store.signingKeys.load(systemClock.nowMs()));
  let ring = await load();
  return {
    current: () => ring,
    reload: runAnew(async () => {
      ring = await load();
    }),
  };
}
