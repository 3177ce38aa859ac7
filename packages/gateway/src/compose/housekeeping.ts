import type { LiveSessions } from '../auth/live-sessions.ts';
import type { DecisionFile } from '../decisions/decision-file.ts';
import { Housekeeping, type HousekeepingDeps } from '../jobs/housekeeping.ts';
import type { Logger } from '../log/logger.ts';
import type { Recording } from '../replay/recording.ts';
import type { Runtime } from '../runtime.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './base.ts';
import { pruneFeed, type StateFeed } from './feed.ts';
import type { GateKeys } from './keys.ts';

/** Another instance may not have written for so long that a session is in use. */
const UNWRITTEN_MS = 30_000;

/** What recurring work is done on. */
export interface HousekeepingParts {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly decisions: DecisionFile;
  readonly recording: Recording;
  readonly sessions: { readonly all: readonly { readonly live: LiveSessions }[] };
  readonly apiKeys: Pick<GateKeys, 'jobs'>;
  readonly blocks: { readonly jobs: HousekeepingDeps['blocks'] };
  readonly feed: Pick<StateFeed, 'lookAround'>;
  readonly logger: Logger;
}

/** The recurring work of one gate; what several instances do at the same time is done once. */
export function housekeepingOf(parts: HousekeepingParts): Housekeeping {
  const { store, runtime, decisions, recording, sessions, apiKeys, blocks, feed, logger } = parts;
  return new Housekeeping({
    nowMs: () => systemClock.nowMs(),
    decisions,
    recording,
    denials: store.denials,
    sessions: store.sessions,
    pruneEvents: (nowMs) => pruneFeed(store, nowMs),
    keys: apiKeys.jobs,
    blocks: blocks.jobs,
    lookAround: () => feed.lookAround(),
    live: sessions.all.map(({ live }) => live),
    idleMs: () => runtime.config.sessions.idleMs + (store.instances.isShared ? UNWRITTEN_MS : 0),
    onError: (job, cause) => logger.error({ cause, job }, 'a recurring job failed'),
  });
}
