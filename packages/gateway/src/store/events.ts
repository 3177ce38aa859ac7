import type { Database, Tx } from './database.ts';
import { nextNumber } from './sequence.ts';

/** What caches and open connections must hear of at once. */
export type StateEventKind =
  | 'session.ended'
  | 'user.disabled'
  | 'membership.changed'
  | 'key.rotated'
  /** An API key has another end than before, or was imported. */
  | 'key.changed'
  /** An API key is over. */
  | 'key.ended'
  | 'owner.changed'
  | 'invite.changed'
  | 'tenant.created';

/** One change, numbered without gaps: whoever sees a number missing reads again from the last one it knows (T11). */
export interface StateEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly tenantId: string;
  readonly kind: StateEventKind;
  /** The id of what changed. */
  readonly subject: string;
}

/** The numbered events of this store. */
export interface StateEvents {
  /** Writes an event with its change; subscribers hear of it after the commit, in order. */
  append(tx: Tx, event: Omit<StateEvent, 'seq'>): Promise<void>;
  /** Calls `listener` for each event from now on, before the change is acknowledged. Returns how to stop. */
  subscribe(listener: (event: StateEvent) => void): () => void;
  /** Events after `seq`, oldest first. */
  since(seq: number, limit: number): Promise<readonly StateEvent[]>;
  /** The number of the newest event; 0 before the first. */
  latest(): Promise<number>;
  /** Forgets events before a time; what remains has no gaps. */
  prune(beforeMs: number): Promise<void>;
}

/** A failing listener is reported and keeps no other from hearing. */
export function stateEvents(database: Database, onListenerError: (cause: unknown) => void): StateEvents {
  const listeners = new Set<(event: StateEvent) => void>();
  const publish = (event: StateEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (cause) {
        onListenerError(cause);
      }
    }
  };
  return {
    async append(tx, event) {
      const numbered = { ...event, seq: await nextNumber(tx, 'event') };
      await tx.db.insertInto('stateEvent').values(numbered).execute();
      tx.afterCommit(() => publish(numbered));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    since: (seq, limit) => readSince(database, seq, limit),
    latest: () => readLatest(database),
    prune: (beforeMs) => database.transaction((tx) => deleteBefore(tx, beforeMs)),
  };
}

async function readSince({ reader }: Database, seq: number, limit: number): Promise<readonly StateEvent[]> {
  const rows = await reader
    .selectFrom('stateEvent')
    .selectAll()
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  // Written by `append` only.
  return rows.map((row) => ({ ...row, kind: row.kind as StateEventKind }));
}

async function readLatest({ reader }: Database): Promise<number> {
  const row = await reader.selectFrom('sequence').select('value').where('name', '=', 'event').executeTakeFirst();
  return row?.value ?? 0;
}

/** By number up to the first that stays: a clock that went back must not tear a hole. */
async function deleteBefore({ db }: Tx, beforeMs: number): Promise<void> {
  const kept = db
    .selectFrom('stateEvent')
    .where('atMs', '>=', beforeMs)
    .select((all) => all.fn.min('seq').as('seq'));
  await db.deleteFrom('stateEvent').where('seq', '<', kept).execute();
}
