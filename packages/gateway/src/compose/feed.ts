import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveOthers, type Moment, type NeighbourTrouble, seenByAll, serviceAt } from '@steadygate/core';
import type { Config } from '../config/schema.ts';
import { sharedDigest } from '../config/config-digest.ts';
import { systemRandom } from '../crypto/random.ts';
import { confirmations, type Unconfirmed } from '../feed/confirmations.ts';
import { FeedReader } from '../feed/feed-reader.ts';
import { InstanceReporter } from '../feed/instance-reporter.ts';
import { NeighbourWatch } from '../feed/neighbour-watch.ts';
import type { Logger } from '../log/logger.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import type { Instance } from '../store/instances.ts';
import type { Store } from '../store/store.ts';
import { VERSION } from '../version.ts';
import { systemClock } from './base.ts';

const DAY_MS = 86_400_000;

const TROUBLES: Readonly<Record<NeighbourTrouble, string>> = {
  'configuration-differs': 'another instance of this store goes by another configuration',
  'counters-not-shared': 'several instances serve, and each counts limits for itself: set counters.kind: redis',
};

/** What the feed of state events leads to. */
export interface FeedParts {
  readonly store: Pick<Store, 'feed' | 'failure' | 'instances'>;
  readonly logger: Logger;
  /** Whether limits are counted together with other instances. */
  readonly countsWithOthers: boolean;
  /** Read at each use: a reload may change it. */
  readonly config: () => Config;
  /** Read at each use: the listeners stand on the feed, too. */
  readonly planes: () => readonly DataPlane[];
}

/** One gate among those that serve from its store. */
export interface StateFeed {
  /** Begins at the newest event: before anything is cached. @throws what the store throws */
  begin(): Promise<void>;
  /** Reads on from there: when everybody has subscribed. Resolves when everything is known. */
  start(): Promise<void>;
  /** For how long nothing has proven that this process knows the present state (T11). */
  staleMs(): number;
  readonly unconfirmed: Unconfirmed;
  /** The other processes that serve from the store. */
  others(): Promise<readonly Instance[]>;
  /** Looks whether the instances decide as one; what keeps them from it is told once. */
  lookAround(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the feed, says how far, and ends the streams of every listener once nothing proves that it is alive (T11). */
export function stateFeed({ store, logger, config, planes, countsWithOthers }: FeedParts): StateFeed {
  const { feed, instances } = store;
  const id = systemRandom.id();
  const self = { id, name: `${hostname()}:${process.pid}`, version: VERSION, startedAtMs: systemClock.nowMs() };
  const digestOf = oncePer(sharedDigest);
  const reporter = new InstanceReporter({
    instances,
    self: () => ({ ...self, configDigest: digestOf(config()) }),
    nowMs: () => systemClock.nowMs(),
    onError: (cause) => logger.error({ cause }, 'the store does not hear that this instance is there'),
  });
  const reader = new FeedReader({
    feed,
    failure: () => store.failure(),
    moment,
    isShared: instances.isShared,
    onLooked: (seq) => reporter.looked(seq),
    ...told(logger, instances.isShared),
    onBeat: (staleMs) => {
      if (serviceAt(staleMs) === 'public') for (const plane of planes()) plane.streams.closeAll('stale');
    },
  });
  const others = async () => liveOthers(await instances.all(), { selfId: id, nowMs: systemClock.nowMs() });
  const watch = new NeighbourWatch({
    others,
    self: () => ({ configDigest: digestOf(config()), countsWithOthers }),
    onTrouble: (trouble, seen) =>
      logger.warn({ alert: trouble, instances: seen.map(({ name }) => name) }, TROUBLES[trouble]),
  });
  return {
    begin: () => reader.begin(),
    async start() {
      reader.start();
      if (instances.isShared)
        logger.info({ instance: id, name: self.name }, 'this instance serves from a shared store');
      await reader.wake();
      await reporter.arrive();
    },
    staleMs: () => reader.staleMs(),
    unconfirmed: confirmationsOf(store, id),
    others,
    lookAround: () => watch.look(),
    async stop() {
      reader.stop();
      await reporter.leave();
    },
  };
}

/** Forgets events of before yesterday that every instance has heard, and instances that have been silent since. */
export async function pruneFeed(
  { events, feed, instances }: Pick<Store, 'events' | 'feed' | 'instances'>,
  nowMs: number,
): Promise<void> {
  const newest = (await feed.newest())?.seq ?? 0;
  await events.prune(nowMs - DAY_MS, seenByAll(await instances.all(), newest, nowMs));
  await instances.prune(nowMs - DAY_MS);
}

/** Who has not confirmed a change that this process, or a command without a server, has made. */
export function confirmationsOf({ instances, feed }: Pick<Store, 'instances' | 'feed'>, selfId?: string): Unconfirmed {
  return confirmations({ instances, feed, selfId, moment, sleep: (ms) => sleep(ms) });
}

/** A configuration stays the same for long, and is reported each second. */
function oncePer<Of extends object>(make: (of: Of) => string): (of: Of) => string {
  const made = new WeakMap<Of, string>();
  return (of) => {
    const value = made.get(of) ?? make(of);
    made.set(of, value);
    return value;
  };
}

function told(logger: Logger, isShared: boolean) {
  const lost = isShared ? 'the feed of state events is interrupted' : 'the store was lost';
  return {
    onLost: (cause: unknown) => logger.error({ alert: 'store-lost', cause }, lost),
    onBack: () => logger.warn({ alert: 'store-back' }, 'the feed of state events is read again'),
    onResync: (reason: string) => logger.warn({ reason }, 'what is cached is asked for again'),
  };
}

/** Two clocks: one can be set, the other can stand still. */
function moment(): Moment {
  return { nowMs: systemClock.nowMs(), monotonicMs: performance.now() };
}
