import { describe, expect, it } from 'vitest';
import type { PresentedSession } from '@steadygate/core';
import { accessTokens } from '../crypto/access-tokens.ts';
import { csrfTokens } from '../crypto/csrf.ts';
import { deriveKey, digestOf } from '../crypto/digest.ts';
import { newKeyPair } from '../crypto/ed25519.ts';
import { keyRing } from '../crypto/key-ring.ts';
import { systemRandom } from '../crypto/random.ts';
import { SessionAuthenticator } from './authenticator.ts';
import { cookieStyle } from './cookies.ts';
import { LiveSessions, type SessionFacts } from './live-sessions.ts';
import { mintAccess } from './mint-access.ts';

const NOW = 1_800_000_000_000;
const LIFE_MS = 600_000;
const FACTS: SessionFacts = {
  id: 's1',
  userId: 'u1',
  tenantId: 'default',
  role: 'member',
  createdAtMs: NOW,
  lastSeenAtMs: NOW,
  expiresAtMs: NOW + 86_400_000,
};
const ring = keyRing([{ ...newKeyPair(), purpose: 'access', notAfterMs: undefined }]);
const tokens = accessTokens(() => ring, 'test', systemRandom);
const TOKEN = mintAccess({ tokens, lifeMs: LIFE_MS }, FACTS, NOW).value;

/** Real tokens and caches over a store of one session, whose refresh token is `good`; `dead` was one. */
function parts(grants: Readonly<Record<string, readonly string[]>> = { member: ['app:read'] }) {
  const asked: string[] = [];
  const roles = { ...grants };
  const rings = { current: ring, stored: ring };
  const live = new LiveSessions({
    idleMs: () => 7_200_000,
    sizeMax: 10,
    load: async (id) => {
      asked.push(`session ${id}`);
      return id === 's1' ? FACTS : undefined;
    },
  });
  const authenticator = new SessionAuthenticator({
    tokens: accessTokens(() => rings.current, 'test', systemRandom),
    reloadKeys: async () => {
      asked.push('keys');
      rings.current = rings.stored;
    },
    csrf: csrfTokens(deriveKey('test', 'csrf')),
    digest: digestOf,
    sessions: live,
    sessionOfRefresh: async (token, nowMs) => {
      asked.push(`refresh ${token} ${nowMs - NOW}`);
      await Promise.resolve();
      return token === 'good' ? FACTS : undefined;
    },
    wasIssued: async (token) => {
      asked.push(`issued ${token}`);
      return token === 'dead';
    },
    grantsOf: (role) => roles[role],
    cookies: cookieStyle('production', 'session'),
    accessTokenLifeMs: () => LIFE_MS,
  });
  return { authenticator, live, asked, roles, rings };
}

const bearer = (token: string): PresentedSession => ({ kind: 'bearer', token });
const cookies = (access?: string, refresh?: string): PresentedSession => ({ kind: 'cookies', access, refresh });

describe('a bearer token', () => {
  it('AU3: names its principal, and ends with the token', async () => {
    const { authenticator } = parts();
    expect(await authenticator.authenticate(bearer(TOKEN), NOW)).toMatchObject({
      kind: 'principal',
      principal: {
        userId: 'u1',
        tenantId: 'default',
        role: 'member',
        credential: { kind: 'session', id: 's1', via: 'bearer', expiresAtMs: NOW + LIFE_MS },
      },
    });
  });

  it('is known without a lookup once it was verified, until it ends or its session does', async () => {
    const { authenticator, live, asked } = parts();
    expect(authenticator.cached(bearer(TOKEN), NOW)).toBeUndefined();
    await authenticator.authenticate(bearer(TOKEN), NOW);
    expect(authenticator.cached(bearer(TOKEN), NOW + LIFE_MS - 1)?.kind).toBe('principal');
    expect(authenticator.cached(bearer(TOKEN), NOW + LIFE_MS)).toBeUndefined();
    live.revoke('s1', NOW);
    expect(authenticator.cached(bearer(TOKEN), NOW)).toBeUndefined();
    expect(await authenticator.authenticate(bearer(TOKEN), NOW)).toMatchObject({ kind: 'refused', wasOurs: true });
    expect(asked).toEqual(['session s1']);
  });

  it('that expired is over, and nobody guessed; a forged one is not ours (SB7)', async () => {
    const { authenticator, asked } = parts();
    const over = await authenticator.authenticate(bearer(TOKEN), NOW + LIFE_MS);
    expect(over).toEqual({ kind: 'refused', rule: 'token expired', wasOurs: true });
    expect(await authenticator.authenticate(bearer('a.b.c'), NOW)).not.toHaveProperty('wasOurs');
    expect(asked).toEqual([]);
  });

  it('T11: is accepted though another instance made its key a moment ago, and a forged one reads the keys once', async () => {
    const { authenticator, asked, rings } = parts();
    const next = keyRing([{ ...newKeyPair(), purpose: 'access', notAfterMs: undefined }]);
    const elsewhere = accessTokens(() => next, 'test', systemRandom);
    const token = mintAccess({ tokens: elsewhere, lifeMs: LIFE_MS }, FACTS, NOW).value;
    expect(await authenticator.authenticate(bearer(token), NOW)).toEqual({ kind: 'refused', rule: 'kid' });
    rings.stored = next;
    expect((await authenticator.authenticate(bearer(token), NOW)).kind).toBe('principal');
    expect((await authenticator.authenticate(bearer('a.b.c'), NOW)).kind).toBe('refused');
    expect(asked).toEqual(['keys', 'keys', 'session s1']);
  });

  it('of a role that the configuration no longer has is refused, also where it was known', async () => {
    const { authenticator, roles } = parts();
    await authenticator.authenticate(bearer(TOKEN), NOW);
    delete roles['member'];
    authenticator.rolesChanged();
    expect(authenticator.cached(bearer(TOKEN), NOW)).toMatchObject({ kind: 'refused', wasOurs: true });
  });
});

describe('cookies are renewed', () => {
  it.each([
    ['without an access cookie', undefined, NOW],
    ['with one that expired', TOKEN, NOW + LIFE_MS],
  ])('%s: a new access cookie comes, and nothing else', async (_, access, nowMs) => {
    const { authenticator } = parts();
    const found = await authenticator.authenticate(cookies(access, 'good'), nowMs);
    if (found.kind !== 'principal') throw new Error(`refused: ${found.rule}`);
    expect(found.answerHeaders).toHaveLength(2);
    const minted = /^__Host-token=([^;]+);/.exec(found.answerHeaders?.[1] ?? '')?.[1] ?? '';
    expect((await authenticator.authenticate(cookies(minted), nowMs)).kind).toBe('principal');
    expect(found.principal.credential).toMatchObject({ via: 'cookie', expiresAtMs: FACTS.expiresAtMs });
  });

  it('never beside a forged access cookie, and the refresh cookie is not even looked up', async () => {
    const { authenticator, asked } = parts();
    expect((await authenticator.authenticate(cookies('a.b.c', 'good'), NOW)).kind).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('nor beside the genuine access cookie of a revoked session', async () => {
    const { authenticator, live } = parts();
    live.revoke('s1', NOW);
    expect((await authenticator.authenticate(cookies(TOKEN, 'good'), NOW)).kind).toBe('refused');
    expect((await authenticator.authenticate(cookies(undefined, 'good'), NOW)).kind).toBe('refused');
  });

  it('T19: at the very moment of the request, so that a rotation in the same second is seen', async () => {
    const { authenticator, asked } = parts();
    await authenticator.authenticate(cookies(undefined, 'good'), NOW + 777);
    expect(asked).toEqual(['refresh good 777']);
  });

  it('T24: with one lookup for all who ask meanwhile', async () => {
    const { authenticator, asked } = parts();
    await Promise.all(Array.from({ length: 20 }, () => authenticator.authenticate(cookies(undefined, 'good'), NOW)));
    expect(asked).toHaveLength(1);
  });

  it('not with a token that nobody was given', async () => {
    const { authenticator } = parts();
    const found = await authenticator.authenticate(cookies(undefined, 'guessed'), NOW);
    expect(found).toEqual({ kind: 'refused', rule: 'refresh token does not hold' });
  });

  it('SB7: nor with one that is over, which costs no attempt, and no second lookup for a minute', async () => {
    const { authenticator, asked } = parts();
    for (const at of [0, 1, 59_999]) {
      const found = await authenticator.authenticate(cookies(undefined, 'dead'), NOW + at);
      expect(found).toMatchObject({ kind: 'refused', wasOurs: true });
    }
    expect(asked).toEqual(['refresh dead 0', 'issued dead']);
    await authenticator.authenticate(cookies(undefined, 'dead'), NOW + 60_000);
    expect(asked).toHaveLength(4);
  });
});

describe('T11: when nobody knows what happened meanwhile', () => {
  it('every token is verified again and its session asked for; spent refresh tokens, too', async () => {
    const { authenticator, asked } = parts();
    await authenticator.authenticate(bearer(TOKEN), NOW);
    await authenticator.authenticate(cookies(undefined, 'dead'), NOW);
    authenticator.forgetAll();
    expect(authenticator.cached(bearer(TOKEN), NOW)).toBeUndefined();
    expect((await authenticator.authenticate(bearer(TOKEN), NOW)).kind).toBe('principal');
    await authenticator.authenticate(cookies(undefined, 'dead'), NOW);
    expect(asked).toEqual([
      'session s1',
      'refresh dead 0',
      'issued dead',
      'session s1',
      'refresh dead 0',
      'issued dead',
    ]);
  });
});

describe('mintAccess', () => {
  it('SB2: makes no token that outlives its session', () => {
    const ending = { ...FACTS, expiresAtMs: NOW + 5_000 };
    const { value, maxAgeSeconds } = mintAccess({ tokens, lifeMs: LIFE_MS }, ending, NOW);
    expect(maxAgeSeconds).toBe(5);
    expect(tokens.verify(value, NOW + 4_999).kind).toBe('valid');
    expect(tokens.verify(value, NOW + 5_000).kind).toBe('expired');
  });
});

describe('CSRF tokens', () => {
  it('SB22: hold for their own session only', () => {
    const { authenticator } = parts();
    const token = csrfTokens(deriveKey('test', 'csrf')).of('s1');
    expect(authenticator.isCsrfToken('s1', token)).toBe(true);
    expect(authenticator.isCsrfToken('s2', token)).toBe(false);
    expect(authenticator.isCsrfToken('s1', '')).toBe(false);
  });
});
