/** What a key is for: a `test` key never passes where only `live` ones are taken, and the other way round (SS6). */
export type KeyEnvironment = 'live' | 'test';

/** The environments that a key may be of. */
export const KEY_ENVIRONMENTS: readonly KeyEnvironment[] = ['live', 'test'];

/** Random characters of a key's id, which is public: 119 bits, so that none is ever reused. */
export const KEY_ID_CHARACTERS = 20;
/** Random characters of a key's secret: 256 bits. */
export const KEY_SECRET_CHARACTERS = 43;

/** Digits and ASCII letters: a double click selects a whole key, and no underscore stands inside a part. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const CHECKSUM_CHARACTERS = 6;
const PARTS = new RegExp(
  `^(live|test)_([0-9A-Za-z]{${KEY_ID_CHARACTERS}})_[0-9A-Za-z]{${KEY_SECRET_CHARACTERS}}([0-9A-Za-z]{${CHECKSUM_CHARACTERS}})$`,
);

/** What a key says of itself. Worth nothing before its digest was compared. */
export interface ApiKeyParts {
  readonly environment: KeyEnvironment;
  readonly id: string;
}

/** What a key is written from. */
export interface ApiKeyText extends ApiKeyParts {
  /** Such as `sg_`. */
  readonly prefix: string;
  readonly secret: string;
}

/** The one text of a key: `sg_live_<id>_<secret><checksum>`. */
export function apiKeyText({ prefix, environment, id, secret }: ApiKeyText): string {
  const text = `${prefix}${environment}_${id}_${secret}`;
  return text + checksum(text);
}

/** Whether a text claims to be a key of this gate: then nothing else may be made of it. */
export function claimsToBeApiKey(text: string, prefix: string): boolean {
  return KEY_ENVIRONMENTS.some((environment) => text.startsWith(`${prefix}${environment}_`));
}

/**
 * Reads a key; undefined when its form or its checksum is wrong.
 *
 * The checksum is no secret and keeps no attacker out: a mistyped or cut key costs no look-up (T24), and scanners of
 * leaked secrets tell a key from what only looks like one.
 */
export function parseApiKey(text: string, prefix: string): ApiKeyParts | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const parts = PARTS.exec(text.slice(prefix.length));
  const [, environment, id, sum] = parts ?? [];
  if ((environment !== 'live' && environment !== 'test') || id === undefined) return undefined;
  return sum === checksum(text.slice(0, -CHECKSUM_CHARACTERS)) ? { environment, id } : undefined;
}

/** CRC-32 (ISO 3309, as in gzip: RFC 1952 §8) of ASCII text, in base 62, padded: 62^6 exceeds 2^32. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at += 1) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(at)) & 0xff] ?? 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = '';
  for (let count = 0; count < CHECKSUM_CHARACTERS; count += 1) {
    digits = (BASE62[rest % 62] ?? '') + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

const CRC_TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
