import type { KeyObject } from 'node:crypto';
import type { StoredSigningKey, KeyPurpose } from '../store/signing-keys.ts';
import { keyId, keyObjects, publicPoint } from './ed25519.ts';

/** A public key as `/.well-known/jwks.json` shows it (RFC 8037 §2). `purpose` tells access keys from assertion keys. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
  readonly purpose: KeyPurpose;
}

/** The keys of the moment: one signer per purpose, and verifiers until their last token ended. */
export interface KeyRing {
  /** @throws Error when the purpose has no current key */
  signer(purpose: KeyPurpose): { readonly kid: string; readonly privateKey: KeyObject };
  /** A key of another purpose is unknown (T2). */
  verifier(purpose: KeyPurpose, kid: string, nowMs: number): KeyObject | undefined;
  /** A key whose time is over, as long as the store remembers it: what it signed is over too, and not forged. */
  retired(purpose: KeyPurpose, kid: string, nowMs: number): KeyObject | undefined;
  jwks(nowMs: number): { readonly keys: readonly PublicJwk[] };
}

/** Compiles stored keys; a rotation makes a new ring. */
export function keyRing(stored: readonly StoredSigningKey[]): KeyRing {
  const keys = new Map(stored.map((key) => [key.kid, { ...key, ...keyObjects(key) }]));
  const verifies = (notAfterMs: number | undefined, nowMs: number): boolean =>
    notAfterMs === undefined || nowMs < notAfterMs;
  return {
    signer(purpose) {
      for (const { kid, purpose: of, privateKey } of keys.values()) {
        if (of === purpose && privateKey !== undefined) return { kid, privateKey };
      }
      throw new Error(`no current signing key for ${purpose}`);
    },
    verifier(purpose, kid, nowMs) {
      const key = keys.get(kid);
      return key?.purpose === purpose && verifies(key.notAfterMs, nowMs) ? key.publicKey : undefined;
    },
    retired(purpose, kid, nowMs) {
      const key = keys.get(kid);
      return key?.purpose === purpose && !verifies(key.notAfterMs, nowMs) ? key.publicKey : undefined;
    },
    jwks: (nowMs) => ({
      keys: [...keys.values()]
        .filter((key) => verifies(key.notAfterMs, nowMs))
        .map(({ purpose, publicKey }) => publicJwk(publicKey, purpose)),
    }),
  };
}

function publicJwk(publicKey: KeyObject, purpose: KeyPurpose): PublicJwk {
  const x = publicPoint(publicKey);
  return { kty: 'OKP', crv: 'Ed25519', x, kid: keyId(publicKey), alg: 'EdDSA', use: 'sig', purpose };
}
