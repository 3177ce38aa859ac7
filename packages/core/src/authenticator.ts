import type { HeaderList } from './header-list.ts';
import type { Principal } from './principal.ts';

/** The one credential that a request presents. Both session cookies together are one. */
export type PresentedCredential = PresentedSession | { readonly kind: 'key'; readonly key: string };

/** What a session is presented by. */
export type PresentedSession =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'cookies'; readonly access: string | undefined; readonly refresh: string | undefined };

/** What verification found. */
export type Authentication =
  | { readonly kind: 'principal'; readonly principal: Principal; readonly answerHeaders?: HeaderList }
  /**
   * Forged, expired, revoked, of another kind: outside, all look the same; `rule` is for the decision. `wasOurs`: the
   * credential was genuine and is over, so nobody guessed and the address gets its attempt back.
   */
  | { readonly kind: 'refused'; readonly rule: string; readonly wasOurs?: boolean };

/**
 * Verifies credentials. Implemented over caches, keys and the store.
 *
 * Cached verifications are checked against revocations on every call. `audience` is what the token must be for.
 */
export interface Authenticator {
  /** What is known of this credential without a signature check or a lookup; undefined: ask `authenticate()`. */
  cached(presented: PresentedCredential, nowMs: number): Authentication | undefined;
  /** Verifies, looks up, renews. Called after the address paid an attempt for it (T24), once for equal credentials at a time. */
  authenticate(presented: PresentedCredential, nowMs: number): Authentication | Promise<Authentication>;
  /** The CSRF token of a session: compared in constant time by the implementation. */
  isCsrfToken(sessionId: string, token: string): boolean;
}
