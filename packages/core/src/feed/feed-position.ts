/** An event of the feed, as its reader needs it. */
export interface FeedEvent {
  readonly seq: number;
  /** Tells it from another event that ever had the same number. */
  readonly mark: string;
}

/** How far a reader has come: everything up to `seq` is known. */
export interface FeedPosition {
  /** 0 before the first event. */
  readonly seq: number;
  /** Of the event with that number; empty before the first. */
  readonly mark: string;
}

/** Before the first event. */
export const FEED_START: FeedPosition = { seq: 0, mark: '' };

/**
 * What a reader does after a look.
 *
 * `resync`: what happened meanwhile cannot be told from the rows: everything that was derived from the state is to be forgotten.
 */
export type FeedStep<Event> =
  | { readonly kind: 'hear'; readonly events: readonly Event[]; readonly position: FeedPosition }
  | { readonly kind: 'resync'; readonly reason: 'pruned' | 'rewritten' | 'gap' };

/**
 * Decides what rows of the feed mean to a reader at a position.
 *
 * `rows` are the events from the position on, that one included, oldest first: the known one proves that history is still the same, also after a
 * restore or a fail-over to a database that had heard less.
 */
export function nextFeedStep<Event extends FeedEvent>(position: FeedPosition, rows: readonly Event[]): FeedStep<Event> {
  const [known] = rows;
  if (position.seq > 0) {
    if (known?.seq !== position.seq) return { kind: 'resync', reason: known === undefined ? 'rewritten' : 'pruned' };
    if (known.mark !== position.mark) return { kind: 'resync', reason: 'rewritten' };
  }
  const events = position.seq > 0 ? rows.slice(1) : rows;
  if (events.some(({ seq }, at) => seq !== position.seq + 1 + at)) return { kind: 'resync', reason: 'gap' };
  return { kind: 'hear', events, position: positionAt(events.at(-1) ?? position) };
}

/** The position of a reader to whom an event is the newest. */
export function positionAt({ seq, mark }: FeedEvent): FeedPosition {
  return { seq, mark };
}
