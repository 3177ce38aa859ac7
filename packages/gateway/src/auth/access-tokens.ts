/** Who an access token speaks for, and until when. */
export interface AccessFacts {
  readonly sessionId: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly role: string;
  readonly expiresAtMs: number;
}

/** What verification of an access token found. Only a token that was ours and ran out is `expired`. */
export type AccessVerdict =
  | { readonly kind: 'valid' | 'expired'; readonly claims: AccessFacts }
  | { readonly kind: 'refused'; readonly rule: string };

/** The rule that a token breaks whose signing key nobody knows. */
export const UNKNOWN_KEY = 'kid';

/** Signs and verifies access tokens. Implemented in `crypto`, where the keys are. */
export interface AccessTokens {
  sign(facts: AccessFacts, nowMs: number): string;
  verify(token: string, nowMs: number): AccessVerdict;
}

/** CSRF tokens of sessions. Implemented in `crypto`. */
export interface CsrfTokens {
  of(sessionId: string): string;
  /** Compares in constant time. */
  holds(sessionId: string, token: string): boolean;
}
