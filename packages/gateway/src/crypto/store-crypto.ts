import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Random } from '@steadygate/core';
import type { Place, StoreCrypto, Vault } from '../store/crypto-port.ts';
import { keyedDigest } from './digest.ts';
import { newWrappedKey, rewrapKey, seal, unseal, unwrapKey } from './envelope.ts';
import { keyId } from './key-ring.ts';
import { refreshCrypto } from './refresh-token.ts';

const DATA_KEY: Place = { table: 'meta', column: 'value', rowId: 'dataKey' };

/** Everything cryptographic that the store asks for, under one key-encryption key. */
export function storeCrypto(kek: KeyObject, random: Random): StoreCrypto {
  const pseudonymKey = createSecretKey(random.bytes(32));
  return {
    random,
    pseudonym: (text) => keyedDigest(pseudonymKey, text),
    refresh: refreshCrypto(random),
    newDataKey: () => newWrappedKey({ key: kek, place: DATA_KEY, random }),
    vault: (wrapped) => vaultUnder(unwrapKey(wrapped, { key: kek, place: DATA_KEY }), random),
    newSigningKey,
  };
}

/** The data key wrapped by another key-encryption key; no sealed row changes. */
export function rewrapDataKey(
  wrapped: Uint8Array,
  keks: { from: KeyObject; to: KeyObject; random: Random },
): Uint8Array {
  return rewrapKey(wrapped, keks.from, { key: keks.to, place: DATA_KEY, random: keks.random });
}

function vaultUnder(dataKey: KeyObject, random: Random): Vault {
  const subjectPlace = (subjectId: string): Place => ({ table: 'subjectKey', column: 'wrapped', rowId: subjectId });
  const subjectKey = (subjectId: string, wrapped: Uint8Array): KeyObject =>
    unwrapKey(wrapped, { key: dataKey, place: subjectPlace(subjectId) });
  return {
    seal: (plain, place) => seal(plain, { key: dataKey, place, random }),
    open: (sealed, place) => unseal(sealed, { key: dataKey, place }),
    newSubjectKey: (subjectId) => newWrappedKey({ key: dataKey, place: subjectPlace(subjectId), random }),
    sealFor: ({ id, wrapped }, plain, place) =>
      seal(Buffer.from(plain), { key: subjectKey(id, wrapped), place, random }),
    openFor: ({ id, wrapped }, sealed, place) =>
      Buffer.from(unseal(sealed, { key: subjectKey(id, wrapped), place })).toString(),
  };
}

function newSigningKey(): ReturnType<StoreCrypto['newSigningKey']> {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' });
  const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  return { kid: keyId(pair.publicKey), publicKey, privateKey };
}

/** The key objects of a stored signing key. */
export function signingKeyObjects(stored: {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array | undefined;
}): { readonly publicKey: KeyObject; readonly privateKey: KeyObject | undefined } {
  const publicKey = createPublicKey({ key: Buffer.from(stored.publicKey), format: 'der', type: 'spki' });
  if (stored.privateKey === undefined) return { publicKey, privateKey: undefined };
  const key = Buffer.from(stored.privateKey);
  return { publicKey, privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) };
}
