import type { Principal } from '@steadygate/core';
import type { SessionAuthenticator } from '../auth/authenticator.ts';
import type { LiveSessions } from '../auth/live-sessions.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import type { StateEvent } from '../store/events.ts';
import { objectOfSubject } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './base.ts';
import type { GateKeys } from './keys.ts';

/** What hears of endings. */
export interface EndParts {
  readonly store: Pick<Store, 'events'>;
  readonly sessions: {
    readonly all: readonly { readonly live: LiveSessions; readonly authenticator: SessionAuthenticator }[];
  };
  readonly keys: { reload(): Promise<void> };
  readonly apiKeys: Pick<GateKeys, 'authenticator' | 'endOf'>;
  readonly blocks: { follow(planes: Planes): Promise<void> };
}

interface Planes {
  readonly all: readonly DataPlane[];
}

/**
 * What ends in the store ends on every listener at once: cached sessions, sockets and streams (AU8, T10), whichever instance ended it.
 *
 * When nobody knows what ended, everything is forgotten and asked for again (T11).
 */
export async function endWith(parts: EndParts, planes: Planes): Promise<void> {
  const { events } = parts.store;
  events.subscribe((event) => endKey(parts, planes, event));
  events.subscribe((event) => endOther(parts, planes, event));
  events.onResync(() => forgetAll(parts, planes));
  await parts.blocks.follow(planes);
}

function endOther({ sessions, keys }: EndParts, planes: Planes, event: StateEvent): void | Promise<unknown> {
  const { kind, subject, tenantId } = event;
  if (kind === 'session.ended') {
    for (const { live } of sessions.all) live.revoke(subject, systemClock.nowMs());
    for (const plane of planes.all) plane.streams.closeSession(subject);
  }
  if (kind === 'owner.changed') {
    const object = objectOfSubject(tenantId, subject);
    return Promise.all(planes.all.map((plane) => plane.streams.ownerChanged(object)));
  }
  return kind === 'key.rotated' ? keys.reload() : undefined;
}

/** What happens to an API key happens on every listener at once: revoked ones and their streams end, rotated ones later. */
async function endKey({ apiKeys }: EndParts, planes: Planes, { kind, subject }: StateEvent): Promise<void> {
  if (kind !== 'key.ended' && kind !== 'key.changed') return;
  apiKeys.authenticator.forget(subject);
  if (kind === 'key.ended') {
    for (const plane of planes.all) plane.streams.closeSession(subject);
    return;
  }
  const endMs = await apiKeys.endOf(subject);
  if (endMs === undefined) return;
  for (const plane of planes.all) plane.streams.closeSessionAt(subject, endMs);
}

async function forgetAll({ sessions, apiKeys, keys }: EndParts, planes: Planes): Promise<void> {
  for (const { authenticator } of sessions.all) authenticator.forgetAll();
  apiKeys.authenticator.forgetAll();
  await keys.reload();
  await Promise.all(planes.all.map((plane) => plane.streams.revalidate()));
}

/** When the session or key of a principal ends; `Infinity`: not of itself, 0: it has ended. */
export async function credentialEndMs(
  { sessions, apiKeys }: Pick<Store, 'sessions' | 'apiKeys'>,
  { credential: { kind, id } }: Principal,
): Promise<number> {
  if (kind === 'key') {
    const key = await apiKeys.byId(id);
    return key === undefined || key.revokedAtMs !== undefined ? 0 : (key.expiresAtMs ?? Number.POSITIVE_INFINITY);
  }
  const session = await sessions.byId(id);
  return session === undefined || session.endedAtMs !== undefined ? 0 : session.expiresAtMs;
}
