import type { Random } from '@steadygate/core';

/** No character that people confuse: no 0, O, 1, I, L. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** The largest multiple of the alphabet's length in a byte: larger draws are thrown away, so no character is likelier. */
const UNBIASED_BYTES = 256 - (256 % ALPHABET.length);

/** The default number of random characters in an invite code. */
const INVITE_CODE_CHARACTERS = 8;

/** A secret that somebody typed or followed, in its one spelling. */
export interface OneTimeSecret {
  /** `code` can be guessed and is paused first (T17); links carry 128 bits. */
  readonly kind: 'code' | 'invite-link' | 'login-link';
  /** What is digested. */
  readonly canonical: string;
}

/** An invite code such as `SB-ADMIN-7K3MXW9P`, each character drawn evenly. */
export function newInviteCode(prefix: string, random: Random, characters = INVITE_CODE_CHARACTERS): string {
  let code = '';
  while (code.length < characters) {
    for (const byte of random.bytes(characters)) {
      if (byte < UNBIASED_BYTES && code.length < characters) code += ALPHABET[byte % ALPHABET.length] ?? '';
    }
  }
  return prefix + code;
}

/** The secret part of an invite link: 128 bits. */
export function newInviteLinkSecret(random: Random): string {
  return `sgi_${base64url(random)}`;
}

/** The secret part of a one-time log-in link: 128 bits. */
export function newLoginLinkSecret(random: Random): string {
  return `sgl_${base64url(random)}`;
}

/**
 * Reads what a person pasted or typed; undefined when it can be none of ours.
 *
 * Codes forgive case, spaces, dashes and look-alikes (O for 0; I and L for 1): the random part holds none of these, so folding them
 * costs no entropy. Links are exact.
 */
export function parseOneTimeSecret(text: string): OneTimeSecret | undefined {
  if (text.length > 128) return undefined;
  const trimmed = text.trim();
  if (/^sgi_[A-Za-z0-9_-]{21}[AQgw]$/.test(trimmed)) return { kind: 'invite-link', canonical: trimmed };
  if (/^sgl_[A-Za-z0-9_-]{21}[AQgw]$/.test(trimmed)) return { kind: 'login-link', canonical: trimmed };
  const canonical = foldCode(trimmed);
  return /^[A-Z0-9]{6,64}$/.test(canonical) ? { kind: 'code', canonical } : undefined;
}

/** Keeps only ASCII rules: Unicode case mapping would give other letters a way in. */
function foldCode(text: string): string {
  return text
    .replace(/[\s\u2010-\u2015\u2212-]/gu, '')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

function base64url(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('base64url');
}
