import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '@steadygate/core';
import type { Place } from '../store/crypto-port.ts';
import { KeyError } from './key-error.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;

/** What a sealing needs besides the text. */
export interface Sealing {
  readonly key: KeyObject;
  readonly place: Place;
  readonly random: Random;
}

/**
 * Encrypts with AES-256-GCM, bound to its place: the same bytes in another table, column or row do not open.
 *
 * Layout: version (1), nonce (12), ciphertext, tag (16). Random nonces: at most 2^32 sealings under one key (NIST SP 800-38D §8.3).
 */
export function seal(plain: Uint8Array, { key, place, random }: Sealing): Uint8Array {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(place));
  return Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts what `seal` made for the same key and place. @throws KeyError `seal-broken` for anything else */
export function unseal(sealed: Uint8Array, { key, place }: Omit<Sealing, 'random'>): Uint8Array {
  if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw broken(place);
  const nonce = sealed.subarray(1, HEAD_BYTES);
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(place));
  decipher.setAuthTag(sealed.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, tagAt)), decipher.final()]);
  } catch (cause) {
    throw broken(place, cause);
  }
}

/** A fresh 256-bit key, only ever stored wrapped. */
export function newWrappedKey(sealing: Sealing): Uint8Array {
  return seal(sealing.random.bytes(32), sealing);
}

/** The key that `newWrappedKey` wrapped. @throws KeyError `seal-broken` when `key` or `place` is not the one it was wrapped with */
export function unwrapKey(wrapped: Uint8Array, unwrapping: Omit<Sealing, 'random'>): KeyObject {
  return createSecretKey(unseal(wrapped, unwrapping));
}

/** The same key wrapped by another: sealed rows stay as they are. */
export function rewrapKey(wrapped: Uint8Array, from: KeyObject, to: Sealing): Uint8Array {
  return seal(unseal(wrapped, { key: from, place: to.place }), to);
}

/** A JSON array has one reading: names that contain the separator cannot imitate another place. */
function additionalData({ table, column, rowId }: Place): Buffer {
  return Buffer.from(JSON.stringify([VERSION, table, column, rowId]));
}

function broken({ table, column }: Place, cause?: unknown): KeyError {
  return new KeyError('seal-broken', `A sealed value of ${table}.${column} does not open with this key.`, { cause });
}
