import { type Moment, serviceAt } from '@steadygate/core';
import { FeedReader } from '../feed/feed-reader.ts';
import type { Logger } from '../log/logger.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './base.ts';

/** What the feed of state events leads to. */
export interface FeedParts {
  readonly store: Pick<Store, 'feed' | 'failure'>;
  readonly logger: Logger;
  /** Read at each use: the listeners stand on the feed, too. */
  readonly planes: () => readonly DataPlane[];
}

/** The reader of the feed: what it cannot prove any more ends the streams of every listener (T11). */
export function feedReader({ store, logger, planes }: FeedParts): FeedReader {
  return new FeedReader({
    feed: store.feed,
    failure: () => store.failure(),
    moment,
    isShared: false,
    onLooked: () => undefined,
    onLost: (cause) => logger.error({ cause }, 'the store was lost'),
    onBack: () => logger.warn('the store is back'),
    onResync: (reason) => logger.warn({ reason }, 'what is cached is read anew'),
    onBeat: (staleMs) => {
      if (serviceAt(staleMs) === 'public') for (const plane of planes()) plane.streams.closeAll('stale');
    },
  });
}

/** Two clocks: one can be set, the other can stand still. */
function moment(): Moment {
  return { nowMs: systemClock.nowMs(), monotonicMs: performance.now() };
}
