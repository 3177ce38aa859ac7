import {
  apiKeyText,
  BASE62,
  KEY_ID_CHARACTERS,
  KEY_SECRET_CHARACTERS,
  type KeyEnvironment,
  type Random,
} from '@steadygate/core';
import type { KeySecrets } from '../auth/key-desk.ts';
import type { Digest } from '../store/crypto-port.ts';
import { digestOf } from './digest.ts';

/** The largest multiple of 62 in a byte: larger draws are thrown away, so no character is likelier. */
const UNBIASED_BYTES = 256 - (256 % BASE62.length);

/** Makes API keys: a public id, and a secret of 256 bits of which only the digest is kept. */
export function keySecrets(random: Random): KeySecrets {
  return {
    make(prefix: string, environment: KeyEnvironment) {
      const id = characters(random, KEY_ID_CHARACTERS);
      const text = apiKeyText({ prefix, environment, id, secret: characters(random, KEY_SECRET_CHARACTERS) });
      return { id, text, digest: digestOf(text) };
    },
    newId: () => characters(random, KEY_ID_CHARACTERS),
    // The same function makes the digests of our own keys: base64url of SHA-256.
    digestFromHex: (hex: string) => Buffer.from(hex, 'hex').toString('base64url') as Digest,
  };
}

function characters(random: Random, count: number): string {
  let text = '';
  while (text.length < count) {
    for (const byte of random.bytes(count)) {
      if (byte < UNBIASED_BYTES && text.length < count) text += BASE62[byte % BASE62.length] ?? '';
    }
  }
  return text;
}
