import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '@steadygate/core';
import type { Place, StoreCrypto, Vault } from '../store/crypto-port.ts';
import { deriveKey, keyedDigest } from './digest.ts';
import { newKeyPair } from './ed25519.ts';
import { newWrappedKey, rewrapKey, seal, unseal, unwrapKey } from './envelope.ts';
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
    newSigningKey: newKeyPair,
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
  const indexKey = deriveKey(dataKey, 'blind-index');
  const subjectPlace = (subjectId: string): Place => ({ table: 'subjectKey', column: 'wrapped', rowId: subjectId });
  const subjectKey = (subjectId: string, wrapped: Uint8Array): KeyObject =>
    unwrapKey(wrapped, { key: dataKey, place: subjectPlace(subjectId) });
  return {
    seal: (plain, place) => seal(plain, { key: dataKey, place, random }),
    open: (sealed, place) => unseal(sealed, { key: dataKey, place }),
    blindIndex: (text, { table, column }) => keyedDigest(indexKey, `${table}.${column}\n${text}`),
    newSubjectKey: (subjectId) => newWrappedKey({ key: dataKey, place: subjectPlace(subjectId), random }),
    sealFor: ({ id, wrapped }, plain, place) =>
      seal(Buffer.from(plain), { key: subjectKey(id, wrapped), place, random }),
    openFor: ({ id, wrapped }, sealed, place) =>
      Buffer.from(unseal(sealed, { key: subjectKey(id, wrapped), place })).toString(),
  };
}
