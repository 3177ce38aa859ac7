import { type Random, TOKEN_ISSUER } from '@steadygate/core';
import type { AccessTokens } from '../auth/access-tokens.ts';
import type { KeyRing } from './key-ring.ts';
import { signAccessToken, verifyAccessToken } from './token.ts';

/** Access tokens for one audience, under whichever keys are current. */
export function accessTokens(keys: () => KeyRing, audience: string, random: Random): AccessTokens {
  return {
    sign: (facts, nowMs) =>
      signAccessToken(keys(), { ...facts, issuer: TOKEN_ISSUER, audience, tokenId: random.id(), issuedAtMs: nowMs }),
    verify: (token, nowMs) => verifyAccessToken(token, { keys: keys(), issuer: TOKEN_ISSUER, audience, nowMs }),
  };
}
