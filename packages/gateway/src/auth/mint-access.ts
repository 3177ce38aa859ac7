import type { AccessTokens } from './access-tokens.ts';
import type { SessionFacts } from './live-sessions.ts';

/** A token with the time it still holds, as a cookie wants it. */
export interface MintedToken {
  readonly value: string;
  readonly maxAgeSeconds: number;
}

/** A fresh access token of a session: it never outlives the session. */
export function mintAccess(
  { tokens, lifeMs }: { readonly tokens: AccessTokens; readonly lifeMs: number },
  facts: SessionFacts,
  nowMs: number,
): MintedToken {
  const expiresAtMs = Math.min(nowMs + lifeMs, facts.expiresAtMs);
  const { id: sessionId, userId, tenantId, role } = facts;
  const value = tokens.sign({ sessionId, userId, tenantId, role, expiresAtMs }, nowMs);
  return { value, maxAgeSeconds: (expiresAtMs - nowMs) / 1000 };
}
