import type { LiveSessions } from '../auth/live-sessions.ts';
import type { Logger } from '../log/logger.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import { objectOfSubject } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './base.ts';
import type { GateKeys } from './keys.ts';

/** What hears of endings. */
export interface EndParts {
  readonly store: Pick<Store, 'events'>;
  readonly sessions: { readonly all: readonly { readonly live: LiveSessions }[] };
  readonly keys: { reload(): Promise<unknown> };
  readonly apiKeys: Pick<GateKeys, 'authenticator' | 'endOf'>;
  readonly logger: Logger;
}

/** What ends in the store ends on every listener at once: cached sessions, sockets and streams (AU8, T10). */
export function endWith(
  { store, sessions, keys, apiKeys, logger }: EndParts,
  planes: { readonly all: readonly DataPlane[] },
): void {
  endKeysWith({ store, apiKeys, logger }, planes);
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

/** What happens to an API key happens on every listener at once: revoked ones and their streams end, rotated ones later. */
function endKeysWith(
  { store, apiKeys, logger }: Pick<EndParts, 'store' | 'apiKeys' | 'logger'>,
  planes: { readonly all: readonly DataPlane[] },
): void {
  const endAt = (keyId: string, atMs: number | undefined): void => {
    if (atMs !== undefined) for (const plane of planes.all) plane.streams.closeSessionAt(keyId, atMs);
  };
  store.events.subscribe(({ kind, subject }) => {
    if (kind !== 'key.ended' && kind !== 'key.changed') return;
    apiKeys.authenticator.forget(subject);
    if (kind === 'key.ended') {
      for (const plane of planes.all) plane.streams.closeSession(subject);
      return;
    }
    apiKeys.endOf(subject).then(
      (atMs) => endAt(subject, atMs),
      (cause: unknown) => logger.error({ cause }, 'the new end of an API key was not read'),
    );
  });
}
