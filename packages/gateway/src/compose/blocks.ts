import {
  BlockBook,
  BurstMeter,
  type BlockSubject,
  type EventSink,
  type Principal,
  type Violation,
} from '@steadygate/core';
import { BlockDesk } from '../blocks/block-desk.ts';
import { Blocker } from '../blocks/blocker.ts';
import { burstAlerts } from '../blocks/burst-alerts.ts';
import { followBlocks } from '../blocks/live-blocks.ts';
import { memoryStrikes } from '../counters/memory-strikes.ts';
import { systemRandom } from '../crypto/random.ts';
import type { Logger } from '../log/logger.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import type { Runtime } from '../runtime.ts';
import { actAsSystem, SYSTEM_TENANT } from '../store/actor.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './base.ts';
import type { Counters } from './counters.ts';

/** What a gate's blocks stand on. */
export interface GateBlocksParts {
  readonly store: Pick<Store, 'blocks' | 'events' | 'apiKeys' | 'users'>;
  readonly counters: Pick<Counters, 'strikes'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** Puts the parts of blocks together. */
export function gateBlocks({ store, counters, runtime, logger }: GateBlocksParts) {
  const book = new BlockBook();
  const { strikes } = counters;
  const onError = (cause: unknown): void =>
    logger.error({ cause }, 'a block was not kept: it holds for a little, here');
  return {
    book,
    bursts: new BurstMeter(),
    desk: blockDesk(store, { book, strikes }),
    isBlocked: (principal: Principal) => book.ofCaller(principal, systemClock.nowMs()) !== undefined,
    noting: (events: EventSink): EventSink => noting({ store, counters, runtime, logger }, { book, onError }, events),
    /** Puts blocks in force that were, and ends what a caller holds open when it is blocked. */
    follow: (planes: { readonly all: readonly DataPlane[] }): Promise<void> =>
      followBlocks({
        blocks: store.blocks,
        events: store.events,
        book,
        nowMs: () => systemClock.nowMs(),
        onBlock: ({ subject }) => {
          for (const plane of planes.all) plane.streams.closeOf((principal) => isOf(principal, subject), 'blocked');
        },
      }),
    jobs: {
      prune: async (nowMs: number): Promise<void> => {
        book.sweep(nowMs);
        await store.blocks.prune({ nowMs, endedBeforeMs: nowMs - runtime.blocks().forgetAfterMs });
      },
    },
  };
}

/** Blocks and tells of bursts, beside everything else that hears of decisions. */
function noting(
  { store, counters, runtime }: GateBlocksParts,
  { book, onError }: { readonly book: BlockBook; readonly onError: (cause: unknown) => void },
  events: EventSink,
): EventSink {
  const alert: EventSink['alert'] = (what) => events.alert(what);
  const blocker = new Blocker({
    book,
    strikes: counters.strikes,
    ownStrikes: memoryStrikes(),
    policy: () => runtime.blocks(),
    place: (violation) => placed(store, runtime, violation),
    alert,
    onError,
    newId: () => systemRandom.id(),
  });
  const tell = burstAlerts(alert, () => ['alert', 'enforce'].includes(runtime.bursts().mode));
  return {
    alert,
    decided(record) {
      events.decided(record);
      blocker.note(record);
      tell(record);
    },
  };
}

/** Blocks by hand, in a running server or on the store alone. */
export function blockDesk(
  { blocks, apiKeys, users }: Pick<Store, 'blocks' | 'apiKeys' | 'users'>,
  live?: ConstructorParameters<typeof BlockDesk>[0]['live'],
): BlockDesk {
  return new BlockDesk({ blocks, keys: apiKeys, users, ...(live === undefined ? {} : { live }) });
}

function placed(
  { blocks }: Pick<Store, 'blocks'>,
  runtime: Runtime,
  { by: subject, cause, requestId, atMs }: Violation,
) {
  const { stepsMs, forgetAfterMs } = runtime.blocks();
  const tenantId = subject.kind === 'address' ? SYSTEM_TENANT : subject.tenantId;
  const by = { actor: actAsSystem('gate', tenantId), nowMs: atMs, requestId };
  return blocks.place({ subject, cause, lasts: { stepsMs, forgetAfterMs } }, by);
}

function isOf({ tenantId, userId, credential }: Principal, subject: BlockSubject): boolean {
  if (subject.kind === 'address' || subject.tenantId !== tenantId) return false;
  return subject.kind === 'key' ? credential.kind === 'key' && credential.id === subject.id : userId === subject.id;
}
