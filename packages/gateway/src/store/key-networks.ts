import type { Unusual } from '../auth/key-watch.ts';
import { actAsSystem } from './actor.ts';
import { change, record, traceOf } from './change.ts';
import type { StoreContext } from './context.ts';
import { EVERY_TENANT } from './reach.ts';

const NETWORK = { table: 'apiKeyNetwork', column: 'network' } as const;

/** Whose keys are used from more networks is nobody of whom another one tells something. */
const NETWORKS_MAX = 32;

/** Where a service account's keys were used from. */
export interface NetworkUse {
  readonly tenantId: string;
  readonly userId: string;
  /** Such as `203.0.113.0/24`; kept as a blind index (T22). */
  readonly network: string;
}

/** From which networks keys are used, and what was unusual. */
export interface KeyNetworks {
  /** Notes a use. `new`: never from there before, though from elsewhere; beyond 32 networks every one is `known`. */
  see(use: NetworkUse, nowMs: number): Promise<'known' | 'first' | 'new'>;
  /** Writes an entry of what was unusual about a key. */
  recordUnusual(unusual: Unusual): Promise<void>;
  /** Forgets networks that were not used since a time. */
  prune(beforeMs: number): Promise<void>;
}

/** Networks of keys in the store. */
export function keyNetworks(ctx: StoreContext): KeyNetworks {
  const { database, vault } = ctx;
  return {
    see: ({ network, ...account }, nowMs) =>
      note(ctx, { ...account, network: vault.blindIndex(network, NETWORK) }, nowMs),
    recordUnusual: ({ kind, keyId, tenantId, userId, requestId, atMs, what }) =>
      change(ctx, { tenantId }, (writing) => {
        const trace = traceOf({ actor: actAsSystem('gate', tenantId), nowMs: atMs, requestId });
        return record(writing, trace, { action: 'key.unusual', subject: keyId, facts: { kind, user: userId, what } });
      }),
    prune: (beforeMs) =>
      database.transaction(EVERY_TENANT, async ({ db }) => {
        await db.deleteFrom('apiKeyNetwork').where('lastSeenAtMs', '<', beforeMs).execute();
      }),
  };
}

function note(
  { database }: StoreContext,
  { tenantId, userId, network }: NetworkUse,
  nowMs: number,
): Promise<'known' | 'first' | 'new'> {
  return database.transaction({ tenantId }, async ({ db }) => {
    const mine = db.selectFrom('apiKeyNetwork').where('tenantId', '=', tenantId).where('userId', '=', userId);
    const known = await mine.select('network').execute();
    if (known.some((row) => row.network === network)) {
      const same = db.updateTable('apiKeyNetwork').where('tenantId', '=', tenantId).where('userId', '=', userId);
      await same.where('network', '=', network).set({ lastSeenAtMs: nowMs }).execute();
      return 'known';
    }
    if (known.length >= NETWORKS_MAX) return 'known';
    const row = { tenantId, userId, network, firstSeenAtMs: nowMs, lastSeenAtMs: nowMs };
    await db.insertInto('apiKeyNetwork').values(row).execute();
    return known.length === 0 ? 'first' : 'new';
  });
}
