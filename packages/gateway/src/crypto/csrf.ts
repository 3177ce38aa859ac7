import { createHmac, type KeyObject } from 'node:crypto';
import { equalInConstantTime } from './digest.ts';

/** CSRF tokens of sessions. */
export interface CsrfTokens {
  of(sessionId: string): string;
  /** Compares in constant time. */
  holds(sessionId: string, token: string): boolean;
}

/** Tokens bound to their session by an HMAC: nothing is stored, and no session's token serves another. */
export function csrfTokens(key: KeyObject): CsrfTokens {
  const of = (sessionId: string): string => createHmac('sha256', key).update(`csrf:${sessionId}`).digest('base64url');
  return { of, holds: (sessionId, token) => equalInConstantTime(of(sessionId), token) };
}
