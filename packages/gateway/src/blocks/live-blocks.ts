import type { BlockBook } from '@steadygate/core';
import type { Blocks, StoredBlock } from '../store/blocks.ts';
import type { StateEvents } from '../store/events.ts';

/** So many blocks are read at the start: as many as the book takes. */
const LOADED_MAX = 100_000;

/** What following blocks needs. */
export interface LiveBlocksDeps {
  readonly blocks: Pick<Blocks, 'byId' | 'inForce'>;
  readonly events: Pick<StateEvents, 'subscribe' | 'onResync'>;
  readonly book: BlockBook;
  readonly nowMs: () => number;
  /** Hears of each block that is in force now: what its subject holds open ends. */
  readonly onBlock: (block: StoredBlock) => void;
}

/** Puts what was in force before the start into the book again, and follows every change, whichever instance makes it (T11). */
export async function followBlocks({ blocks, events, book, nowMs, onBlock }: LiveBlocksDeps): Promise<void> {
  const put = (block: StoredBlock): void => {
    if (book.put(block)) onBlock(block);
  };
  const refresh = async (id: string): Promise<void> => {
    const block = await blocks.byId(id, nowMs());
    if (block === undefined) book.remove(id);
    else put(block);
  };
  const readAll = async (): Promise<void> => {
    const inForce = await blocks.inForce(nowMs(), LOADED_MAX);
    book.clear();
    for (const block of inForce) put(block);
  };
  // One after the other: what was read before a block was lifted must not be put in after it.
  let last = Promise.resolve();
  const queue = (work: () => Promise<void>): Promise<void> => (last = last.then(work, work));
  events.subscribe(({ kind, subject }) => (kind === 'block.changed' ? queue(() => refresh(subject)) : undefined));
  events.onResync(() => queue(readAll));
  await queue(readAll);
}
