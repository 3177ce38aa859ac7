import { FEED_START, type FeedPosition, type Moment, nextFeedStep, positionAt, staleMsBetween } from '@steadygate/core';
import type { EventFeed } from '../store/events.ts';
import { runAnew } from './run-anew.ts';

/** T11: at most 500 ms between two looks, with what a look itself takes. */
const BEAT_MS = 400;
/** Events of one query. */
const BATCH = 500;

export interface FeedReaderDeps {
  readonly feed: EventFeed;
  /** Why the store cannot serve, or undefined. */
  readonly failure: () => Error | undefined;
  readonly moment: () => Moment;
  /** Whether other processes may change the state. Where none can, the state is fresh until a look fails. */
  readonly isShared: boolean;
  /** Hears after each good look up to which number everything is known and acted on. */
  readonly onLooked: (seq: number) => void;
  /** Hears once that looks fail, and once that they work again. */
  readonly onLost: (cause: unknown) => void;
  readonly onBack: () => void;
  /** Hears why everything is forgotten and read anew. */
  readonly onResync: (reason: string) => void;
  /** Hears with each beat for how long the state has not been proven. */
  readonly onBeat: (staleMs: number) => void;
}

/**
 * Reads the feed of state events, so that what was derived from the state never outlives it unseen (T11).
 *
 * The table is the truth: each look asks it for what comes after the last known event, and proves by that the whole way from a change to
 * here. A notification only makes a look come sooner; one that is lost costs a beat. What cannot be told from the table is a resync.
 */
export class FeedReader {
  readonly #deps: FeedReaderDeps;
  #position: FeedPosition = FEED_START;
  #proven: Moment;
  #timer: NodeJS.Timeout | undefined;
  readonly #lookAnew = runAnew(() => this.#look());
  #isLost = false;
  /** Somebody failed to act on an event, or to forget: everything is to be read anew. */
  #isSuspect = false;

  constructor(deps: FeedReaderDeps) {
    this.#deps = deps;
    this.#proven = deps.moment();
  }

  /** Begins at the newest event: call it before anything is cached, and before anybody subscribes. @throws what the store throws */
  async begin(): Promise<void> {
    const begun = this.#deps.moment();
    this.#position = await this.#newest();
    this.#proven = begun;
  }

  /** Looks from now on: call it when everybody has subscribed. */
  start(): void {
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
    this.#deps.feed.onNews(() => void this.wake());
  }

  /** For how long nothing has proven that this process knows the present state. */
  staleMs(): number {
    if (!this.#deps.isShared && !this.#isLost) return 0;
    return staleMsBetween(this.#proven, this.#deps.moment());
  }

  /** Looks now: there may be something new. Resolves after a look that began later than this call. */
  async wake(): Promise<void> {
    if (this.#timer !== undefined) await this.#lookAnew();
  }

  /** Looks no more; a look that is under way says nothing any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    this.#deps.onBeat(this.staleMs());
    void this.wake();
  }

  async #look(): Promise<void> {
    if (this.#timer === undefined) return;
    const begun = this.#deps.moment();
    try {
      const failure = this.#deps.failure();
      if (failure !== undefined) throw failure;
      await this.#catchUp();
    } catch (cause) {
      this.#lose(cause);
      return;
    }
    this.#proven = begun;
    if (this.#isLost) this.#deps.onBack();
    this.#isLost = false;
    this.#deps.onLooked(this.#position.seq);
  }

  #lose(cause: unknown): void {
    if (this.#timer === undefined) return;
    if (!this.#isLost) this.#deps.onLost(cause);
    this.#isLost = true;
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      if (this.#hasFailed()) await this.#resync('failed');
      const rows = await this.#deps.feed.from(this.#position.seq, BATCH);
      const step = nextFeedStep(this.#position, rows);
      if (step.kind === 'resync') {
        await this.#resync(step.reason);
        continue;
      }
      for (const event of step.events) await this.#deps.feed.hear(event);
      this.#position = step.position;
      if (rows.length < BATCH && !this.#hasFailed()) return;
    }
  }

  #hasFailed(): boolean {
    if (this.#deps.feed.takeFailure()) this.#isSuspect = true;
    return this.#isSuspect;
  }

  /** The position is read first: what is cached after everything was forgotten is at least as new. */
  async #resync(reason: string): Promise<void> {
    this.#deps.onResync(reason);
    this.#isSuspect = true;
    const position = await this.#newest();
    await this.#deps.feed.resync();
    // Whoever could not forget keeps this process stale until they could.
    if (this.#deps.feed.takeFailure()) throw new Error('not everything could be read anew');
    this.#isSuspect = false;
    this.#position = position;
  }

  async #newest(): Promise<FeedPosition> {
    const newest = await this.#deps.feed.newest();
    return newest === undefined ? FEED_START : positionAt(newest);
  }
}
