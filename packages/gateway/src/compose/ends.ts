import type { LiveSessions } from '../auth/live-sessions.ts';
import type { Logger } from '../log/logger.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import { objectOfSubject } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './base.ts';

/** What hears of endings. */
export interface EndParts {
  readonly store: Pick<Store, 'events'>;
  readonly sessions: { readonly all: readonly { readonly live: LiveSessions }[] };
  readonly keys: { reload(): Promise<unknown> };
  readonly logger: Logger;
}

/** What ends in the store ends on every listener at once: cached sessions, sockets and streams (AU8, T10). */
export function endWith(
  { store, sessions, keys, logger }: EndParts,
  planes: { readonly all: readonly DataPlane[] },
): void {
  store.events.subscribe(({ kind, subject, tenantId }) => {
    if (kind === 'session.ended') {
      for (const { live } of sessions.all) live.revoke(subject, systemClock.nowMs());
      for (const plane of planes.all) plane.streams.closeSession(subject);
    }
    if (kind === 'owner.changed') {
      // Never rejects: a stream that cannot be judged is closed.
      for (const plane of planes.all) void plane.streams.ownerChanged(objectOfSubject(tenantId, subject));
    }
    if (kind === 'key.rotated')
      keys.reload().catch((cause: unknown) => logger.error({ cause }, 'keys were not reloaded'));
  });
}
