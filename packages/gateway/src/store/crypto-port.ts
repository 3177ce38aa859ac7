import type { Random } from '@steadygate/core';

declare const digest: unique symbol;

/** A one-way digest of a secret, in base64url. Never the secret. Made only by `crypto/digest.ts`. */
export type Digest = string & { readonly [digest]: true };

/** Where a sealed value stands: it opens nowhere else. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

/** A subject's own key, wrapped. Deleting it erases everything sealed for the subject (T22). */
export interface SubjectKey {
  readonly id: string;
  readonly wrapped: Uint8Array;
}

/** Seals columns under the data key, and personal values under their subject's key. */
export interface Vault {
  seal(plain: Uint8Array, place: Place): Uint8Array;
  open(sealed: Uint8Array, place: Place): Uint8Array;
  /** What equal texts share and nobody else can compute: for finding what is sealed (T22). */
  blindIndex(text: string, place: Omit<Place, 'rowId'>): string;
  newSubjectKey(subjectId: string): Uint8Array;
  sealFor(subject: SubjectKey, plain: string, place: Place): Uint8Array;
  openFor(subject: SubjectKey, sealed: Uint8Array, place: Place): string;
}

/** Opaque refresh tokens. The store keeps digests, and successors that only their predecessor opens (T19). */
export interface RefreshCrypto {
  issue(): { readonly token: string; readonly digest: Digest };
  /** Undefined for a text that is no refresh token of ours. */
  digest(token: string): Digest | undefined;
  sealSuccessor(successor: string, predecessor: string): Uint8Array;
  openSuccessor(sealed: Uint8Array, predecessor: string): string;
}

/** Everything cryptographic that the store needs, under one key-encryption key. Implemented by `crypto/store-crypto.ts`. */
export interface StoreCrypto {
  readonly random: Random;
  readonly refresh: RefreshCrypto;
  /** A keyed digest whose key dies with the process: for counting by address without keeping addresses (T22). */
  readonly pseudonym: (text: string) => Digest;
  /** A fresh data key, wrapped by the key-encryption key. */
  newDataKey(): Uint8Array;
  /** @throws Error when the key-encryption key is not the one that wrapped it */
  vault(wrappedDataKey: Uint8Array): Vault;
  /** An Ed25519 pair: public as SPKI, private as PKCS #8, both DER. */
  newSigningKey(): { readonly kid: string; readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
}
