import type { KeyObject } from 'node:crypto';
import { deriveKey } from './digest.ts';

/** Keys that come from the key-encryption key and are stored nowhere. */
export interface DerivedKeys {
  /** For digests of invite codes and links (T17). A new key-encryption key ends open invites. */
  readonly invitePepper: KeyObject;
  readonly csrf: KeyObject;
}

/** Derives them anew at each start (HKDF, one purpose each). */
export function derivedKeys(kek: KeyObject): DerivedKeys {
  return { invitePepper: deriveKey(kek, 'invite-pepper'), csrf: deriveKey(kek, 'csrf') };
}
