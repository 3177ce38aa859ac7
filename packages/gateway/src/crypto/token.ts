import { type JwsVerdict, signJws, verifyJws } from './jws.ts';
import type { KeyRing } from './key-ring.ts';

/** How far ahead an issuing clock may be. Ends have no leeway. */
const ISSUED_AHEAD_MS_MAX = 60_000;

/** No configuration lets an access token live longer. */
const ACCESS_LIFE_MS_MAX = 3_600_000;

/** What an access token says (RFC 9068). */
export interface AccessClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly tenantId: string;
  readonly role: string;
  readonly tokenId: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What a token must be for. */
export interface TokenExpectation {
  readonly keys: KeyRing;
  readonly issuer: string;
  readonly audience: string;
  readonly nowMs: number;
}

/** `rule` is for the decision, never for the caller. `expired` is said only of a token that was ours and would hold otherwise. */
export type TokenVerdict<Claims> =
  | { readonly kind: 'valid'; readonly claims: Claims }
  | { readonly kind: 'expired'; readonly claims: Claims }
  | { readonly kind: 'refused'; readonly rule: string };

/** An access token; times are cut to whole seconds. */
export function signAccessToken(keys: KeyRing, claims: AccessClaims): string {
  return signJws(keys, 'access', {
    ...audienceAndTimes(claims),
    sub: claims.userId,
    sid: claims.sessionId,
    tid: claims.tenantId,
    role: claims.role,
    jti: claims.tokenId,
  });
}

/** Judges an access token; everything it says is required and exact. Revocation is the caller's to check. */
export function verifyAccessToken(token: string, expected: TokenExpectation): TokenVerdict<AccessClaims> {
  const verdict = verifyJws(token, 'access', expected);
  if (verdict.kind === 'refused') return verdict;
  const base = commonClaims(verdict.payload, expected);
  if ('rule' in base) return { kind: 'refused', rule: base.rule };
  // A stolen key must not outlive its rotation in tokens without end.
  if (base.expiresAtMs - base.issuedAtMs > ACCESS_LIFE_MS_MAX) return { kind: 'refused', rule: 'times' };
  const [userId, sessionId, tenantId, role, tokenId] = texts(verdict.payload, ['sub', 'sid', 'tid', 'role', 'jti']);
  if (!userId || !sessionId || !tenantId || !role || !tokenId) return { kind: 'refused', rule: 'claims' };
  const claims = { ...base, userId, sessionId, tenantId, role, tokenId };
  return { kind: isHeld(verdict, base, expected.nowMs) ? 'valid' : 'expired', claims };
}

/** Whether a genuine token still holds: neither it nor the key that signed it is over. */
export function isHeld(verdict: JwsVerdict, { expiresAtMs }: BaseClaims, nowMs: number): boolean {
  return verdict.kind === 'signed' && nowMs < expiresAtMs;
}

/** The claims that every token carries. */
export interface BaseClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** `iss`, `aud`, `iat` and `exp` as tokens spell them (RFC 7519 §4.1). */
export function audienceAndTimes(claims: BaseClaims): Readonly<Record<string, unknown>> {
  return {
    iss: claims.issuer,
    aud: claims.audience,
    iat: Math.floor(claims.issuedAtMs / 1000),
    exp: Math.floor(claims.expiresAtMs / 1000),
  };
}

/** Checks `iss`, `aud`, `iat` and the presence of `exp`; whether it has passed is the caller's question. */
export function commonClaims(
  payload: Readonly<Record<string, unknown>>,
  expected: TokenExpectation,
): BaseClaims | { readonly rule: string } {
  const { iss, aud, iat, exp } = payload;
  if (iss !== expected.issuer) return { rule: 'iss' };
  if (aud !== expected.audience) return { rule: 'aud' };
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat) return { rule: 'times' };
  if (iat * 1000 > expected.nowMs + ISSUED_AHEAD_MS_MAX) return { rule: 'iat' };
  return { issuer: expected.issuer, audience: expected.audience, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
}

/** The named claims as texts; empty where one is missing, empty or something else. */
export function texts(payload: Readonly<Record<string, unknown>>, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const value = payload[name];
    return typeof value === 'string' ? value : '';
  });
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
