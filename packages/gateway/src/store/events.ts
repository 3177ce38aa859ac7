import type { Selectable } from 'kysely';
import type { Database, Tx } from './database.ts';
import type { StateEventTable } from './schema.ts';
import { nextNumber } from './sequence.ts';
import { EVERY_TENANT } from './reach.ts';

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
  /** Somebody is blocked, or is not any more; the subject is the block's id. */
  | 'block.changed'
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

/** Hears of an event. A promise says that it still has to do something: the event counts as heard when that is done. */
export type EventListener = (event: StateEvent) => unknown;

/** The numbered events of this store. */
export interface StateEvents {
  /** Writes an event with its change; subscribers hear of it after the commit. */
  append(tx: Tx, event: Omit<StateEvent, 'seq'>): Promise<void>;
  /** Calls `listener` for each event from now on: of this process before the change is acknowledged, of others in order. Returns how to stop. */
  subscribe(listener: EventListener): () => void;
  /** Calls `listener` when it is unknown what happened: whatever was derived from the state is to be forgotten. Returns how to stop. */
  onResync(listener: () => unknown): () => void;
  /** Forgets events before a time and not beyond a number; what remains has no gaps, and the newest stays. */
  prune(beforeMs: number, seqMax: number): Promise<void>;
}

/** An event as its row holds it. */
export interface RecordedEvent extends StateEvent {
  /** Tells it from another event that ever had the same number. */
  readonly mark: string;
}

/** The events as the feed's reader takes them from the table (T11). */
export interface EventFeed {
  /** Events from `seq` on, that one included, oldest first. */
  from(seq: number, limit: number): Promise<readonly RecordedEvent[]>;
  newest(): Promise<RecordedEvent | undefined>;
  /** Tells subscribers of an event, once: they have heard of this process's own already. Resolves when all have acted. */
  hear(event: RecordedEvent): Promise<void>;
  /** Tells who caches to forget everything. Resolves when all have. */
  resync(): Promise<void>;
  /** Calls `listener` when there may be something to read. */
  onNews(listener: () => void): void;
  /** Whether a subscriber failed since this was last asked: what it should have done was not done. */
  takeFailure(): boolean;
}

/** Events of this process that are remembered as told; beyond, one is told twice. */
const TOLD_MAX = 10_000;

/** A failing listener is reported and keeps no other from hearing. */
export function stateEvents(
  database: Database,
  onListenerError: (cause: unknown) => void,
): { readonly events: StateEvents; readonly feed: EventFeed } {
  const listeners = new Set<EventListener>();
  const resyncs = new Set<() => unknown>();
  const told = new Set<string>();
  const announced = new WeakSet<Tx>();
  const { tell, takeFailure } = telling(onListenerError);
  const publish = (event: StateEvent): Promise<void> => {
    return tell([...listeners].map((listener) => () => listener(event)));
  };
  return {
    events: {
      async append(tx, event) {
        const numbered = { ...event, seq: await nextNumber(tx, 'event') };
        await tx.db.insertInto('stateEvent').values(numbered).execute();
        if (!announced.has(tx)) await database.announce(tx);
        announced.add(tx);
        tx.afterCommit(() => {
          remember(told, markOf(numbered));
          void publish(numbered);
        });
      },
      subscribe: (listener) => joined(listeners, listener),
      onResync: (listener) => joined(resyncs, listener),
      prune: (beforeMs, seqMax) => database.transaction(EVERY_TENANT, (tx) => deleteBefore(tx, { beforeMs, seqMax })),
    },
    feed: {
      from: (seq, limit) => readFrom(database, seq, limit),
      newest: () => readNewest(database),
      hear: async (event) => {
        if (!told.delete(event.mark)) await publish(event);
      },
      resync: () => tell([...resyncs]),
      onNews: (listener) => database.onAnnounced(listener),
      takeFailure,
    },
  };
}

/** Lets all act at the same time, and remembers whether one failed. */
function telling(onListenerError: (cause: unknown) => void) {
  let hasFailed = false;
  const onError = (cause: unknown): void => {
    hasFailed = true;
    onListenerError(cause);
  };
  return {
    async tell(acts: readonly (() => unknown)[]): Promise<void> {
      await Promise.all(acts.map((act) => attempt(act, onError)));
    },
    takeFailure(): boolean {
      const failed = hasFailed;
      hasFailed = false;
      return failed;
    },
  };
}

function markOf({ seq, atMs, kind, tenantId, subject }: StateEvent): string {
  return `${seq} ${atMs} ${kind} ${tenantId} ${subject}`;
}

/** Begins at once: what a listener does before its first `await` is done when this returns. */
async function attempt(act: () => unknown, onError: (cause: unknown) => void): Promise<void> {
  try {
    await act();
  } catch (cause) {
    onError(cause);
  }
}

function joined<Listener>(all: Set<Listener>, listener: Listener): () => void {
  all.add(listener);
  return () => void all.delete(listener);
}

function remember(told: Set<string>, mark: string): void {
  told.add(mark);
  const [oldest] = told;
  if (told.size > TOLD_MAX && oldest !== undefined) told.delete(oldest);
}

async function readFrom({ feedReader }: Database, seq: number, limit: number): Promise<readonly RecordedEvent[]> {
  const rows = await feedReader
    .selectFrom('stateEvent')
    .selectAll()
    .where('seq', '>=', seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(toEvent);
}

async function readNewest({ feedReader }: Database): Promise<RecordedEvent | undefined> {
  const row = await feedReader.selectFrom('stateEvent').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? undefined : toEvent(row);
}

function toEvent(row: Selectable<StateEventTable>): RecordedEvent {
  // Written by `append` only.
  const event = { ...row, kind: row.kind as StateEventKind };
  return { ...event, mark: markOf(event) };
}

/** By number up to the first that stays: a clock that went back must not tear a hole. */
async function deleteBefore({ db }: Tx, { beforeMs, seqMax }: { beforeMs: number; seqMax: number }): Promise<void> {
  const kept = db
    .selectFrom('stateEvent')
    .where(({ or, eb }) => or([eb('atMs', '>=', beforeMs), eb('seq', '>=', seqMax)]))
    .select((all) => all.fn.min('seq').as('seq'));
  await db.deleteFrom('stateEvent').where('seq', '<', kept).execute();
}
