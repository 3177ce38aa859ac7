import { createHmac } from 'node:crypto';

/** Variations of a good token that must all be refused. */
export function forgeries(token: string, publicKeyX: string): Readonly<Record<string, string>> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = decode(payload);
  const none = encode({ ...decode(header), alg: 'none' });
  const symmetric = encode({ ...decode(header), alg: 'HS256' });
  const mac = createHmac('sha256', Buffer.from(publicKeyX, 'base64url'))
    .update(`${symmetric}.${payload}`)
    .digest('base64url');
  return {
    'without a signature': `${none}.${payload}.`,
    'signed with the public key as a secret': `${symmetric}.${payload}.${mac}`,
    'for another role': `${header}.${encode({ ...claims, role: 'admin' })}.${signature}`,
    'for ever': `${header}.${encode({ ...claims, exp: 4_000_000_000 })}.${signature}`,
    'with another spelling of its signature': `${header}.${payload}.${respelt(signature)}`,
  };
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return decode(token.split('.')[1] ?? '');
}

/** The header of a token, unverified. */
export function headerOf(token: string): Readonly<Record<string, unknown>> {
  return decode(token.split('.')[0] ?? '');
}

function decode(part: string): Readonly<Record<string, unknown>> {
  // Our own tokens: JSON objects in base64url.
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The last character of 64 bytes in base64url holds four bits that lenient decoders ignore. */
function respelt(signature: string): string {
  const last = ALPHABET.indexOf(signature.at(-1) ?? 'A');
  return signature.slice(0, -1) + (ALPHABET[last ^ 1] ?? 'B');
}
