import { type Moment, unconfirmedInstances } from '@steadygate/core';
import type { EventFeed } from '../store/events.ts';
import type { Instance, Instances } from '../store/instances.ts';

/** Whoever revokes something waits at most so long. */
const WAIT_MS = 1_000;
const STEP_MS = 25;

export interface ConfirmationsDeps {
  readonly instances: Pick<Instances, 'isShared' | 'all'>;
  readonly feed: Pick<EventFeed, 'newest'>;
  /** The process that asks: it has acted before its change was acknowledged. Undefined: a command without a server. */
  readonly selfId: string | undefined;
  readonly moment: () => Moment;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Waits for other instances to act on everything that was changed until now; undefined when the store cannot say. */
export type Unconfirmed = () => Promise<readonly Instance[] | undefined>;

/**
 * Resolves with the instances that may not have acted after a second; empty as soon as all have (T11).
 *
 * Never rejects: what was changed stays changed, whether anybody confirms it or not.
 */
export function confirmations(deps: ConfirmationsDeps): Unconfirmed {
  return async () => {
    if (!deps.instances.isShared) return [];
    try {
      return await unconfirmed(deps);
    } catch {
      // The store was lost since the change: what others have done cannot be known.
      return undefined;
    }
  };
}

async function unconfirmed({
  instances,
  feed,
  selfId,
  moment,
  sleep,
}: ConfirmationsDeps): Promise<readonly Instance[]> {
  const untilMs = moment().monotonicMs + WAIT_MS;
  const seq = (await feed.newest())?.seq ?? 0;
  for (;;) {
    const { nowMs, monotonicMs } = moment();
    const missing = unconfirmedInstances(await instances.all(), { seq, selfId, nowMs });
    if (missing.length === 0 || monotonicMs >= untilMs) return missing;
    await sleep(STEP_MS);
  }
}
