import type { Random } from '@steadygate/core';
import type { RefreshCrypto, StoreCrypto, Vault } from './crypto-port.ts';
import type { Database } from './database.ts';
import type { StateEvents } from './events.ts';

/** What the aggregates stand on. */
export interface StoreContext {
  readonly database: Database;
  readonly events: StateEvents;
  readonly vault: Vault;
  readonly refresh: RefreshCrypto;
  readonly random: Random;
  readonly newSigningKey: StoreCrypto['newSigningKey'];
}
