import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';

/** A fresh pair: public as SPKI, private as PKCS #8, both DER. */
export function newKeyPair(): {
  readonly kid: string;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
} {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' });
  const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  return { kid: keyId(pair.publicKey), publicKey, privateKey };
}

/** The key objects of a stored pair. */
export function keyObjects(stored: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array | undefined }): {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject | undefined;
} {
  const publicKey = createPublicKey({ key: Buffer.from(stored.publicKey), format: 'der', type: 'spki' });
  if (stored.privateKey === undefined) return { publicKey, privateKey: undefined };
  const key = Buffer.from(stored.privateKey);
  return { publicKey, privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) };
}

/** The RFC 7638 thumbprint of an Ed25519 key: the same key has the same id everywhere. */
export function keyId(publicKey: KeyObject): string {
  return hash('sha256', JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x: publicPoint(publicKey) }), 'base64url');
}

/** The `x` member of an Ed25519 key's JWK (RFC 8037 §2). */
export function publicPoint(publicKey: KeyObject): string {
  const { x, crv } = publicKey.export({ format: 'jwk' });
  if (x === undefined || crv !== 'Ed25519') throw new Error('a signing key is not Ed25519');
  return x;
}
