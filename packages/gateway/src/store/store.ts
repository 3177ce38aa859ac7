import { actAsSystem, SYSTEM_TENANT } from './actor.ts';
import { type ApiKeys, apiKeys } from './api-keys.ts';
import { type Audit, auditReader } from './audit.ts';
import { census, type Census } from './census.ts';
import { type Blocks, blocks } from './blocks.ts';
import { type Change, change, record, traceOf } from './change.ts';
import type { StoreContext } from './context.ts';
import type { StoreCrypto, Vault } from './crypto-port.ts';
import type { Database } from './database.ts';
import { type Denials, denials } from './denials.ts';
import { type EventFeed, type StateEvents, stateEvents } from './events.ts';
import { type Instances, instances } from './instances.ts';
import { type Invites, invites } from './invites.ts';
import { type KeyDays, keyDays } from './key-days.ts';
import { type KeyNetworks, keyNetworks } from './key-networks.ts';
import { type KeyUsage, keyUsage } from './key-usage.ts';
import { lockDataDir } from './lock.ts';
import { type Memberships, memberships } from './memberships.ts';
import { migrate, readMeta, writeMeta } from './migrations/migrate.ts';
import { type ObjectOwners, objectOwners } from './owners.ts';
import { type Sessions, sessions } from './sessions.ts';
import { type SigningKeys, signingKeys } from './signing-keys.ts';
import { openPostgres } from './postgres.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { openSqlite } from './sqlite.ts';
import { StoreError } from './store-error.ts';
import type { StoreFacts } from './store-facts.ts';
import { type Tenants, tenants } from './tenants.ts';
import { type OnOperation, timedDatabase } from './timed-database.ts';
import { type Users, users } from './users.ts';
import { EVERY_TENANT } from './reach.ts';

/** Everything that is kept. */
export interface Store {
  readonly tenants: Tenants;
  readonly users: Users;
  readonly memberships: Memberships;
  readonly invites: Invites;
  readonly sessions: Sessions;
  readonly signingKeys: SigningKeys;
  readonly apiKeys: ApiKeys;
  readonly keyUsage: KeyUsage;
  readonly keyDays: KeyDays;
  readonly keyNetworks: KeyNetworks;
  readonly blocks: Blocks;
  readonly owners: ObjectOwners;
  readonly audit: Audit;
  readonly denials: Denials;
  readonly events: StateEvents;
  readonly feed: EventFeed;
  /** Counts what metrics tell; rejects when the store cannot be asked. */
  census(at: Parameters<typeof census>[1]): Promise<Census>;
  readonly instances: Instances;
  /** Why the store cannot serve, or undefined. Looks at the file: cheap, but not for every request. */
  failure(): Error | undefined;
  /** What can be seen of where state is kept, asked anew. */
  facts(): Promise<StoreFacts>;
  /** Wraps the data key anew, for another key-encryption key. Takes effect with the next start. */
  rewrapDataKey(rewrap: (wrapped: Uint8Array) => Uint8Array, by: Change): Promise<void>;
  /** Writes what waits and ends. */
  close(nowMs: number): Promise<void>;
}

/** What a store needs. */
export interface StoreOptions {
  /** Its lock makes this process the one that serves from it, whatever the database. */
  readonly dataDir: string;
  readonly database: { readonly kind: 'sqlite' } | PostgresSettings;
  readonly crypto: StoreCrypto;
  readonly nowMs: number;
  /** Hears of a subscriber that failed. */
  readonly onListenerError: (cause: unknown) => void;
  /** Hears how long operations take; absent: nothing is timed. */
  readonly watch?: { readonly monotonicMs: () => number; readonly onOperation: OnOperation };
}

/**
 * Opens the store, brings its schema up to date, and ensures the built-in tenants.
 *
 * SQLite stands in the data directory, which has one process. A PostgreSQL serves many processes, each with a data directory of its own.
 *
 * @throws StoreError `in-use`, `unwritable`, `corrupt`, `newer-schema`, `wrong-key`, `unreachable`, `refused`; nothing is overwritten
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const lock = lockDataDir(options.dataDir);
  try {
    const database = options.database.kind === 'sqlite' ? openSqlite(lock) : await openPostgres(options.database);
    try {
      return await assemble(database, options, lock.release);
    } catch (cause) {
      await database.close();
      throw cause;
    }
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

async function assemble(database: Database, options: StoreOptions, release: () => void): Promise<Store> {
  await migrate(database);
  await database.guardTables();
  const { crypto, nowMs, watch } = options;
  const { events, feed } = stateEvents(database, options.onListenerError);
  const vault = await openVault(database, crypto);
  const { random, refresh, newSigningKey } = crypto;
  const timed = watch === undefined ? database : timedDatabase(database, watch.monotonicMs, watch.onOperation);
  const ctx = { database: timed, events, vault, random, refresh, newSigningKey };
  const store = { ...storeOver(ctx, crypto, release), feed };
  await store.tenants.ensureBuiltIn(actAsSystem('gate', SYSTEM_TENANT), nowMs);
  return store;
}

function storeOver(ctx: StoreContext, crypto: StoreCrypto, release: () => void): Omit<Store, 'feed'> {
  const { database, events } = ctx;
  const counted = denials({ ctx, pseudonym: crypto.pseudonym });
  const ofSessions = sessions(ctx);
  const usage = keyUsage(ctx);
  return {
    tenants: tenants(ctx),
    users: users(ctx),
    memberships: memberships(ctx),
    invites: invites(ctx),
    sessions: ofSessions,
    signingKeys: signingKeys(ctx),
    apiKeys: apiKeys(ctx),
    keyUsage: usage,
    keyDays: keyDays(ctx),
    keyNetworks: keyNetworks(ctx),
    blocks: blocks(ctx),
    owners: objectOwners(ctx),
    audit: auditReader(database),
    denials: counted,
    events,
    census: (at) => census(database, at),
    instances: instances(database),
    failure: () => database.failure(),
    facts: () => database.facts(),
    rewrapDataKey: (rewrap, by) => rewrapDataKey(ctx, rewrap, by),
    async close(nowMs) {
      try {
        if (database.failure() === undefined) {
          await ofSessions.flushTouches();
          await usage.flush();
          await counted.flush(nowMs, true);
        }
      } finally {
        await database.close();
        release();
      }
    },
  };
}

async function openVault(database: Database, crypto: StoreCrypto): Promise<Vault> {
  const stored = (await readMeta(database.reader(EVERY_TENANT), 'dataKey')) ?? (await makeDataKey(database, crypto));
  try {
    return crypto.vault(Buffer.from(stored, 'base64url'));
  } catch (cause) {
    throw new StoreError('wrong-key', 'The key-encryption key is not the one that this store was sealed with.', {
      cause,
    });
  }
}

/** Of several processes that start on an empty database, one makes the key; all use that one. */
async function makeDataKey(database: Database, crypto: StoreCrypto): Promise<string> {
  const wrapped = Buffer.from(crypto.newDataKey()).toString('base64url');
  return database.transaction(EVERY_TENANT, async ({ db }) => {
    const present = await readMeta(db, 'dataKey');
    if (present === undefined) await writeMeta(db, 'dataKey', wrapped);
    return present ?? wrapped;
  });
}

async function rewrapDataKey(
  ctx: StoreContext,
  rewrap: (wrapped: Uint8Array) => Uint8Array,
  by: Change,
): Promise<void> {
  await change(ctx, EVERY_TENANT, async (writing) => {
    const stored = await readMeta(writing.tx.db, 'dataKey');
    if (stored === undefined) throw new Error('the store has no data key');
    const wrapped = rewrap(Buffer.from(stored, 'base64url'));
    await writeMeta(writing.tx.db, 'dataKey', Buffer.from(wrapped).toString('base64url'));
    await record(writing, traceOf(by), { action: 'data-key.rewrapped', subject: 'dataKey' });
  });
}
