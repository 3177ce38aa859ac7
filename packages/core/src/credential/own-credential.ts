import { parseStrictJson } from '../json/parse.ts';
import { isObject } from '../json/path.ts';

/** The `iss` of every token that the gate signs. */
export const TOKEN_ISSUER = 'steadygate';

// Refresh tokens, invite and log-in links, API keys under the usual prefix, and those under a configured one by their form.
const OWN_SECRET =
  /(?<![A-Za-z0-9_-])(?:sg[ril]_[\w-]{22}|sg_(?:live|test)_\w|[a-z][a-z0-9]{0,15}_(?:live|test)_[0-9A-Za-z]{20}_[0-9A-Za-z]{49})/;
// Begins where a run of its characters begins, or a long run would be searched from each of them.
const JWT = /(?<![\w-])[\w-]+\.([\w-]+)\.[\w-]+/g;
const BASIC = /^basic +([\w+/-]+=*)\s*$/i;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Whether an `Authorization` or key field's value carries, in whatever scheme, a credential that the gate itself issued (T2).
 *
 * For routes where no credential is judged: an upstream that got one could act as its holder. Judged by form alone;
 * `Basic` is looked into, because command-line clients put keys there.
 */
export function carriesOwnCredential(authorization: string): boolean {
  if (hasOwn(authorization)) return true;
  const basic = BASIC.exec(authorization)?.[1];
  return basic !== undefined && hasOwn(decodeBase64(basic));
}

function hasOwn(text: string): boolean {
  if (OWN_SECRET.test(text)) return true;
  return [...text.matchAll(JWT)].some(([, payload = '']) => isIssuedHere(payload));
}

function isIssuedHere(payload: string): boolean {
  const claims = parseStrictJson(decodeBase64(payload));
  return claims.ok && isObject(claims.value) && claims.value['iss'] === TOKEN_ISSUER;
}

/** Octets as Latin-1 characters: what is looked for is ASCII. Both alphabets (RFC 4648 §4 and §5). */
function decodeBase64(text: string): string {
  let decoded = '';
  let bits = 0;
  let count = 0;
  for (const char of text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')) {
    bits = ((bits << 6) | BASE64.indexOf(char)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded += String.fromCharCode((bits >> count) & 0xff);
  }
  return decoded;
}
