import { type HeaderList, type Random, TOKEN_ISSUER } from '@steadygate/core';
import type { AssertionSigner, AssertionSubject } from '../proxy/assertion.ts';
import { signAssertion } from './assertion.ts';
import type { KeyRing } from './key-ring.ts';

/** Half of an assertion's life: whatever is sent holds for 30 seconds more. */
const REUSE_MS = 30_000;
const CACHED_MAX = 50_000;

interface Signed {
  readonly token: string;
  readonly atMs: number;
}

/** Signs who calls, once per principal and upstream for 30 seconds, or for each request where the route says so (T2). */
export function assertionSigner(keys: () => KeyRing, random: Random): AssertionSigner {
  const cache = new Map<string, Signed>();

  function reusable(subject: AssertionSubject): string {
    const { principal, upstream, nowMs } = subject;
    const key = `${upstream.name}\n${principal.credential.id}\n${principal.role}`;
    const known = cache.get(key);
    if (known !== undefined && nowMs - known.atMs < REUSE_MS && nowMs >= known.atMs) return known.token;
    const token = sign(subject);
    // All entries are worth half a minute: dropping them together is cheaper than keeping order.
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(key, { token, atMs: nowMs });
    return token;
  }

  function sign({ principal, upstream, request, binding, nowMs }: AssertionSubject): string {
    const bound = { method: request.method, path: request.path, requestId: request.id };
    return signAssertion(keys(), {
      issuer: TOKEN_ISSUER,
      audience: upstream.name,
      userId: principal.userId,
      tenantId: principal.tenantId,
      role: principal.role,
      tokenId: random.id(),
      issuedAtMs: nowMs,
      ...(binding === 'request' ? { bound } : {}),
    });
  }

  return {
    headersFor(subject): HeaderList {
      const { principal, request, binding } = subject;
      return [
        'x-steadygate-user',
        principal.userId,
        'x-steadygate-role',
        principal.role,
        'x-steadygate-tenant',
        principal.tenantId,
        'x-steadygate-request-id',
        request.id,
        'x-steadygate-assertion',
        binding === 'request' ? sign(subject) : reusable(subject),
      ];
    },
  };
}
