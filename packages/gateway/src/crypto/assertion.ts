import { signJws, verifyJws } from './jws.ts';
import type { KeyRing } from './key-ring.ts';
import {
  audienceAndTimes,
  type BaseClaims,
  commonClaims,
  isHeld,
  texts,
  type TokenExpectation,
  type TokenVerdict,
} from './token.ts';

/** How long an assertion to an upstream holds. */
const ASSERTION_LIFE_MS = 60_000;

/** What the gate tells an upstream about the caller. Its `aud` is the upstream: another one must refuse it. */
export interface AssertionClaims extends BaseClaims {
  readonly userId: string;
  readonly tenantId: string;
  readonly role: string;
  readonly tokenId: string;
  /** Present with `assertion: request`: good for this method and path only (T2). */
  readonly bound?: { readonly method: string; readonly path: string; readonly requestId: string };
}

/** An assertion of 60 seconds, signed with keys that sign nothing else (T2). */
export function signAssertion(keys: KeyRing, claims: Omit<AssertionClaims, 'expiresAtMs'>): string {
  const { bound, issuedAtMs } = claims;
  return signJws(keys, 'assertion', {
    ...audienceAndTimes({ ...claims, expiresAtMs: issuedAtMs + ASSERTION_LIFE_MS }),
    sub: claims.userId,
    tid: claims.tenantId,
    role: claims.role,
    jti: claims.tokenId,
    ...(bound === undefined ? {} : { htm: bound.method, htp: bound.path, rid: bound.requestId }),
  });
}

/** Judges an assertion as an upstream should: for probes, tests and servers that embed the gate. */
export function verifyAssertion(token: string, expected: TokenExpectation): TokenVerdict<AssertionClaims> {
  const verdict = verifyJws(token, 'assertion', expected);
  if (verdict.kind === 'refused') return verdict;
  const base = commonClaims(verdict.payload, expected);
  if ('rule' in base) return { kind: 'refused', rule: base.rule };
  const [userId, tenantId, role, tokenId] = texts(verdict.payload, ['sub', 'tid', 'role', 'jti']);
  if (!userId || !tenantId || !role || !tokenId) return { kind: 'refused', rule: 'claims' };
  const claims = { ...base, userId, tenantId, role, tokenId, ...binding(verdict.payload) };
  return { kind: isHeld(verdict, base, expected.nowMs) ? 'valid' : 'expired', claims };
}

function binding(payload: Readonly<Record<string, unknown>>): Pick<AssertionClaims, 'bound'> {
  const [method, path, requestId] = texts(payload, ['htm', 'htp', 'rid']);
  return method && path && requestId ? { bound: { method, path, requestId } } : {};
}
