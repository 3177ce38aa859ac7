import type { Digest } from '../store/crypto-port.ts';
import type { ApiKeys } from '../store/api-keys.ts';
import type { SystemActor } from '../store/actor.ts';
import type { ApiKey } from '../store/api-key.ts';

export interface KeyLeaksDeps {
  readonly keys: Pick<ApiKeys, 'byId' | 'importedByDigest' | 'revoke'>;
  /** The id of what has the form and checksum of a key of ours; `foreign`: of another system; undefined: neither. */
  readonly idOf: (text: string) => { readonly id: string } | 'foreign' | undefined;
  readonly digest: (text: string) => Digest;
  readonly equal: (left: string, right: string) => boolean;
  readonly actIn: (tenantId: string) => SystemActor;
  /** Hears of a genuine key that was reported. */
  readonly onLeak: (key: ApiKey, requestId: string) => void;
}

/** Ends a reported key if the whole of it is genuine; says nothing of what it was (T25). */
export async function reportLeak(
  deps: KeyLeaksDeps,
  text: string,
  at: { readonly nowMs: number; readonly requestId: string },
): Promise<void> {
  const key = await genuine(deps, text);
  if (key === undefined) return;
  const revoked = await deps.keys.revoke(key.id, 'leaked', { ...at, actor: deps.actIn(key.tenantId) });
  if (revoked) deps.onLeak(key, at.requestId);
}

async function genuine({ keys, idOf, digest, equal }: KeyLeaksDeps, text: string): Promise<ApiKey | undefined> {
  const named = idOf(text);
  if (named === undefined) return undefined;
  if (named === 'foreign') return keys.importedByDigest(digest(text));
  const found = await keys.byId(named.id);
  return found !== undefined && equal(found.digest, digest(text)) ? found : undefined;
}
