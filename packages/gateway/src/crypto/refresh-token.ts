import type { Random } from '@steadygate/core';
import type { RefreshCrypto } from '../store/crypto-port.ts';
import { deriveKey, digestOf } from './digest.ts';
import { seal, unseal } from './envelope.ts';

/** 256 bits in base64url: the last character carries four of them, so only these sixteen spell it canonically. */
const SHAPE = /^sgr_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const SUCCESSOR = { table: 'refreshToken', column: 'successorSealed' } as const;

/** Opaque refresh tokens; a successor opens only with the token it succeeds (T19), which the store does not know. */
export function refreshCrypto(random: Random): RefreshCrypto {
  return {
    issue() {
      const token = `sgr_${Buffer.from(random.bytes(32)).toString('base64url')}`;
      return { token, digest: digestOf(token) };
    },
    digest: (token) => (SHAPE.test(token) ? digestOf(token) : undefined),
    sealSuccessor(successor, predecessor) {
      const place = { ...SUCCESSOR, rowId: digestOf(predecessor) };
      return seal(Buffer.from(successor), { key: successorKey(predecessor), place, random });
    },
    openSuccessor(sealed, predecessor) {
      const place = { ...SUCCESSOR, rowId: digestOf(predecessor) };
      return Buffer.from(unseal(sealed, { key: successorKey(predecessor), place })).toString();
    },
  };
}

/** HKDF over the predecessor: its digest, which is stored, gives no way to the key. */
function successorKey(predecessor: string): ReturnType<typeof deriveKey> {
  return deriveKey(predecessor, 'refresh-successor');
}
