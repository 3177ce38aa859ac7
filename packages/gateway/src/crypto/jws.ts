import { type KeyObject, sign, verify } from 'node:crypto';
import type { KeyPurpose } from '../store/signing-keys.ts';
import type { KeyRing } from './key-ring.ts';

/** Every kind of token has a type of its own and is refused everywhere else (T2, T20). */
const TOKEN_TYPES: Readonly<Record<KeyPurpose, string>> = {
  access: 'at+jwt',
  assertion: 'steadygate-assertion+jwt',
};

/** Longer tokens are refused unread. */
const TOKEN_CHARACTERS_MAX = 4096;

/** The payload of a token whose signature holds, or the rule it broke. `outlived`: by a key whose time is over. */
export type JwsVerdict =
  | { readonly kind: 'signed' | 'outlived'; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly rule: string };

/** A compact JWS over `claims`, signed with Ed25519 (RFC 7515, RFC 8037). */
export function signJws(keys: KeyRing, purpose: KeyPurpose, claims: Readonly<Record<string, unknown>>): string {
  const { kid, privateKey } = keys.signer(purpose);
  const input = `${encode({ alg: 'EdDSA', kid, typ: TOKEN_TYPES[purpose] })}.${encode(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

/** Verifies form, header and signature. Claims are the caller's to judge. */
export function verifyJws(token: string, purpose: KeyPurpose, at: { keys: KeyRing; nowMs: number }): JwsVerdict {
  const parts = splitCanonical(token);
  if (parts === undefined) return refused('malformed');
  const header = headerVerdict(parts.header, purpose);
  if ('rule' in header) return refused(header.rule);
  const current = at.keys.verifier(purpose, header.kid, at.nowMs);
  const key = current ?? at.keys.retired(purpose, header.kid, at.nowMs);
  if (key === undefined) return refused('kid');
  if (!holds(key, parts)) return refused('signature');
  const payload = parseObject(parts.payload);
  if (payload === undefined) return refused('malformed');
  return { kind: current === undefined ? 'outlived' : 'signed', payload };
}

interface Parts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/**
 * Three parts in canonical base64url.
 *
 * Decoders ignore unused trailing bits: without this gate a token with another last character is the same token under another
 * name, which slips past anything keyed by the text.
 */
function splitCanonical(token: string): Parts | undefined {
  if (token.length > TOKEN_CHARACTERS_MAX) return undefined;
  const [header, payload, signature, ...rest] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  return [header, payload, signature].every(isCanonicalBase64url) ? { header, payload, signature } : undefined;
}

function isCanonicalBase64url(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** Exactly the three parameters that we write: no `jwk`, `jku`, `x5c`, `crit` or `b64` is ever looked at. */
function headerVerdict(part: string, purpose: KeyPurpose): { readonly kid: string } | { readonly rule: string } {
  const header = parseObject(part);
  if (header === undefined || Object.keys(header).length !== 3) return { rule: 'header' };
  if (header['alg'] !== 'EdDSA') return { rule: 'alg' };
  if (header['typ'] !== TOKEN_TYPES[purpose]) return { rule: 'typ' };
  const kid = header['kid'];
  return typeof kid === 'string' ? { kid } : { rule: 'kid' };
}

function holds(key: KeyObject, { header, payload, signature }: Parts): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  return bytes.length === 64 && verify(null, Buffer.from(`${header}.${payload}`), key, bytes);
}

function parseObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    // A non-null, non-array object of JSON has string keys and unknown values.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Not JSON: a malformed token, which the caller refuses.
    return undefined;
  }
}

function encode(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function refused(rule: string): JwsVerdict {
  return { kind: 'refused', rule };
}
