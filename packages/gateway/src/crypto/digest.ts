import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Digest } from '../store/crypto-port.ts';

/** The SHA-256 of a secret with at least 128 random bits: safe to store, because nobody can guess what it hashes. */
export function digestOf(secret: string): Digest {
  // The brand's sources are the two functions of this file.
  return hash('sha256', secret, 'base64url') as Digest;
}

/** A keyed digest for secrets short enough to be guessed: without `key` it confirms nothing (T17). */
export function keyedDigest(key: KeyObject, secret: string): Digest {
  // The brand's sources are the two functions of this file.
  return createHmac('sha256', key).update(secret).digest('base64url') as Digest;
}

/** Whether two texts are equal, in a time that says nothing about where they differ. */
export function equalInConstantTime(left: string, right: string): boolean {
  const leftDigest = hash('sha256', left, 'buffer');
  const rightDigest = hash('sha256', right, 'buffer');
  return timingSafeEqual(leftDigest, rightDigest);
}

/** A 256-bit key for one purpose, of which neither `secret` nor another purpose's key can be learned (RFC 5869). */
export function deriveKey(secret: KeyObject | string, purpose: string): KeyObject {
  const derived = hkdfSync('sha256', secret, '', `steadygate/${purpose}/v1`, 32);
  return createSecretKey(Buffer.from(derived));
}
