import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InviteDesk, IssuedInvite } from '../auth/invite-desk.ts';
import type { OperatorDeps } from '../operator/deps.ts';
import type { SystemActor } from '../store/actor.ts';
import type { Store } from '../store/store.ts';

export interface FirstInviteDeps {
  readonly store: Pick<Store, 'users' | 'invites'>;
  readonly desk: InviteDesk;
  readonly actIn: (tenantId: string) => SystemActor;
  readonly inviteState: OperatorDeps['inviteState'];
  readonly nowMs: number;
  readonly lifeMs: number;
  /** Whether another instance serves from the same store, which may have shown an invite of its own. */
  readonly hasOthers: () => Promise<boolean>;
}

/**
 * The invite that lets the first administrator in: into tenant `system`, with a session in `default`.
 *
 * Only while nobody is in; the one before, which nobody can read any more, is withdrawn. One that another instance has shown stays.
 */
export async function firstInvite(deps: FirstInviteDeps): Promise<IssuedInvite | undefined> {
  const { store, desk, nowMs, inviteState, hasOthers } = deps;
  const inSystem = deps.actIn('system');
  for (const tenant of ['system', 'default']) {
    const { items } = await store.users.list(deps.actIn(tenant), { limit: 1 });
    if (items.length > 0) return undefined;
  }
  const by = { actor: inSystem, nowMs };
  const { items: before } = await store.invites.list(inSystem, { limit: 100 });
  const isOpen = before.some((invite) => inviteState(invite, nowMs) === 'open');
  if (isOpen && (await hasOthers())) return undefined;
  for (const invite of before) await store.invites.revoke(invite.id, by);
  return desk.issue({ role: 'admin', uses: 1, expiresAtMs: nowMs + deps.lifeMs }, by);
}

/** Writes the invite where only the owner of the data directory reads it (T17). Returns the path. */
export function writeFirstInvite(dataDir: string, issued: IssuedInvite): string {
  const path = join(dataDir, 'first-invite');
  rmSync(path, { force: true });
  writeFileSync(path, `${issued.code}\n`, { mode: 0o600, flag: 'wx' });
  return path;
}
