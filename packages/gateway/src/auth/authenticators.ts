import type { Authenticator } from '@steadygate/core';
import type { SessionVerifier } from './authenticator.ts';
import type { KeyAuthenticator } from './key-authenticator.ts';

/** One authenticator of two: each credential is judged by whoever knows its kind. */
export function authenticators(
  sessions: SessionVerifier,
  keys: Pick<KeyAuthenticator, 'cached' | 'authenticate'>,
): Authenticator {
  return {
    cached: (presented, nowMs) =>
      presented.kind === 'key' ? keys.cached(presented.key, nowMs) : sessions.cached(presented, nowMs),
    authenticate: (presented, nowMs) =>
      presented.kind === 'key' ? keys.authenticate(presented.key, nowMs) : sessions.authenticate(presented, nowMs),
    isCsrfToken: (sessionId, token) => sessions.isCsrfToken(sessionId, token),
  };
}
