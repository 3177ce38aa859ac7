import { createHmac, createPublicKey, sign } from 'node:crypto';
import { exportJWK, importJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { StoredSigningKey } from '../store/signing-keys.ts';
import { signAssertion, verifyAssertion } from './assertion.ts';
import { keyObjects, newKeyPair } from './ed25519.ts';
import { signJws } from './jws.ts';
import { keyRing } from './key-ring.ts';
import { type AccessClaims, signAccessToken, verifyAccessToken } from './token.ts';

const NOW = 1_800_000_000_000;
const stored = (purpose: 'access' | 'assertion', notAfterMs?: number): StoredSigningKey => ({
  ...newKeyPair(),
  purpose,
  notAfterMs,
});
const access = stored('access');
const assertion = stored('assertion');
const keys = keyRing([access, assertion]);
const { privateKey, publicKey } = keyObjects(access);

const claims: AccessClaims = {
  issuer: 'steadygate',
  audience: 'data',
  userId: 'u1',
  sessionId: 's1',
  tenantId: 'default',
  role: 'viewer',
  tokenId: 't1',
  issuedAtMs: NOW,
  expiresAtMs: NOW + 600_000,
};
const expected = { keys, issuer: 'steadygate', audience: 'data', nowMs: NOW };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = { alg: 'EdDSA', kid: access.kid, typ: 'at+jwt' };
const seconds = NOW / 1000;
const PAYLOAD = {
  iss: 'steadygate',
  aud: 'data',
  sub: 'u1',
  sid: 's1',
  tid: 'default',
  role: 'viewer',
  jti: 't1',
  iat: seconds,
  exp: seconds + 600,
};

/** A token signed with the real key, whatever it says. */
function forge(header: unknown, payload: unknown): string {
  if (privateKey === undefined) throw new Error('no key');
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

function hmacForged(): string {
  const input = `${encode({ ...HEADER, alg: 'HS256' })}.${encode(PAYLOAD)}`;
  const pem = publicKey.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
}

function lastCharacterChanged(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.slice(-1));
  return token.slice(0, -1) + (alphabet[last ^ 1] ?? '');
}

function without(name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(PAYLOAD).filter(([claim]) => claim !== name));
}

describe('access tokens', () => {
  const token = signAccessToken(keys, claims);

  it('hold what they were signed with', () => {
    expect(verifyAccessToken(token, expected)).toEqual({ kind: 'valid', claims });
    expect(verifyAccessToken(forge(HEADER, PAYLOAD), expected).kind).toBe('valid');
  });

  it('AU10: are verified by an independent implementation from the published key', async () => {
    const [jwk] = keys.jwks(NOW).keys;
    const { payload } = await jwtVerify(token, await importJWK({ ...jwk }), {
      issuer: 'steadygate',
      audience: 'data',
      typ: 'at+jwt',
      currentDate: new Date(NOW),
    });
    expect(payload.sub).toBe('u1');
    expect(
      (await exportJWK(createPublicKey({ key: Buffer.from(access.publicKey), format: 'der', type: 'spki' }))).x,
    ).toBe(jwk?.x);
  });

  it('T2: are refused where an assertion is expected, and the other way round', () => {
    expect(verifyAssertion(token, expected)).toEqual({ kind: 'refused', rule: 'typ' });
    const other = signAssertion(keys, { ...claims, audience: 'data' });
    expect(verifyAccessToken(other, expected)).toEqual({ kind: 'refused', rule: 'typ' });
    // Even under the right type: keys sign one kind only.
    expect(verifyAccessToken(forge({ ...HEADER, kid: assertion.kid }, PAYLOAD), expected)).toEqual({
      kind: 'refused',
      rule: 'kid',
    });
  });

  it.each<[string, string, string]>([
    ['alg none', `${encode({ ...HEADER, alg: 'none' })}.${encode(PAYLOAD)}.`, 'malformed'],
    ['alg none with the real signature', forge({ ...HEADER, alg: 'none' }, PAYLOAD), 'alg'],
    ['HS256 keyed with the public key', hmacForged(), 'alg'],
    ['another alg', forge({ ...HEADER, alg: 'ES256' }, PAYLOAD), 'alg'],
    ['typ JWT', forge({ ...HEADER, typ: 'JWT' }, PAYLOAD), 'typ'],
    ['no typ', forge({ alg: 'EdDSA', kid: access.kid }, PAYLOAD), 'header'],
    ['an embedded key', forge({ ...HEADER, jwk: {} }, PAYLOAD), 'header'],
    ['a critical extension', forge({ ...HEADER, crit: ['b64'] }, PAYLOAD), 'header'],
    ['an unknown kid', forge({ ...HEADER, kid: 'other' }, PAYLOAD), 'kid'],
    ['a kid that is no text', forge({ ...HEADER, kid: 1 }, PAYLOAD), 'kid'],
    ['an altered last signature character', lastCharacterChanged(token), 'malformed'],
    ['padding', `${token}=`, 'malformed'],
    ['a fourth part', `${token}.x`, 'malformed'],
    ['two parts', token.split('.').slice(0, 2).join('.'), 'malformed'],
    [
      'an altered payload',
      `${encode(HEADER)}.${encode({ ...PAYLOAD, role: 'admin' })}.${token.split('.')[2] ?? ''}`,
      'signature',
    ],
    ['a short signature', `${encode(HEADER)}.${encode(PAYLOAD)}.AAAA`, 'signature'],
    ['no JSON', forge(HEADER, 'text'), 'malformed'],
    ['more than 4 KiB', forge(HEADER, { ...PAYLOAD, more: 'x'.repeat(4096) }), 'malformed'],
    ['nothing', '', 'malformed'],
    ['a missing exp', forge(HEADER, without('exp')), 'times'],
    ['an exp that is a text', forge(HEADER, { ...PAYLOAD, exp: String(PAYLOAD.exp) }), 'times'],
    ['a missing iat', forge(HEADER, without('iat')), 'times'],
    ['an iat in the future', forge(HEADER, { ...PAYLOAD, iat: seconds + 61 }), 'iat'],
    ['a wrong aud', forge(HEADER, { ...PAYLOAD, aud: 'control' }), 'aud'],
    ['a list of audiences', forge(HEADER, { ...PAYLOAD, aud: ['data'] }), 'aud'],
    ['a wrong iss', forge(HEADER, { ...PAYLOAD, iss: 'somebody' }), 'iss'],
    ...['sub', 'sid', 'tid', 'role', 'jti'].map((name): [string, string, string] => [
      `a missing ${name}`,
      forge(HEADER, without(name)),
      'claims',
    ]),
  ])('T20: are refused with %s', (_name, forged, rule) => {
    expect(verifyAccessToken(forged, expected)).toEqual({ kind: 'refused', rule });
  });

  it('end exactly at exp, and say so only when they were ours', () => {
    expect(verifyAccessToken(token, { ...expected, nowMs: claims.expiresAtMs - 1 }).kind).toBe('valid');
    expect(verifyAccessToken(token, { ...expected, nowMs: claims.expiresAtMs }).kind).toBe('expired');
    const forged = lastCharacterChanged(token);
    expect(verifyAccessToken(forged, { ...expected, nowMs: claims.expiresAtMs }).kind).toBe('refused');
  });

  it('AU10: never live longer than any configuration allows, whoever holds the key', () => {
    const long = { ...claims, expiresAtMs: NOW + 3_601_000 };
    expect(verifyAccessToken(signAccessToken(keys, long), expected)).toEqual({ kind: 'refused', rule: 'times' });
    expect(verifyAccessToken(signAccessToken(keys, { ...long, expiresAtMs: NOW + 3_600_000 }), expected).kind).toBe(
      'valid',
    );
  });

  it('AU10: are verified by a retired key until its last token ended, and not after', () => {
    const retired = { ...access, privateKey: undefined, notAfterMs: NOW + 1000 };
    const ring = keyRing([retired, stored('access'), assertion]);
    expect(verifyAccessToken(token, { ...expected, keys: ring }).kind).toBe('valid');
    const after = { ...expected, keys: ring, nowMs: NOW + 1000 };
    // Over, not forged: whoever holds it guessed nothing. Without the key nobody can tell.
    expect(verifyAccessToken(token, after).kind).toBe('expired');
    expect(verifyAccessToken(lastCharacterChanged(token), after).kind).toBe('refused');
    expect(verifyAccessToken(token, { ...expected, keys: keyRing([stored('access'), assertion]) })).toEqual({
      kind: 'refused',
      rule: 'kid',
    });
    expect(verifyAccessToken(signAccessToken(ring, claims), { ...expected, keys: ring }).kind).toBe('valid');
    expect(ring.jwks(NOW).keys).toHaveLength(3);
    expect(ring.jwks(NOW + 1000).keys).toHaveLength(2);
  });

  it('verify in about the time of one signature check', () => {
    const startedAt = performance.now();
    for (let turn = 0; turn < 500; turn += 1) verifyAccessToken(token, expected);
    // 110 µs alone on the machine; ten times that still shows an accidental key import or a second check.
    expect((performance.now() - startedAt) / 500).toBeLessThan(1.1);
  });
});

describe('assertions', () => {
  const facts = {
    issuer: 'steadygate',
    audience: 'app',
    userId: 'u1',
    tenantId: 'default',
    role: 'viewer',
    tokenId: 't1',
    issuedAtMs: NOW,
  };
  const at = { ...expected, audience: 'app' };

  it('AU3: hold for 60 seconds, for one upstream', () => {
    const token = signAssertion(keys, facts);
    expect(verifyAssertion(token, at)).toEqual({ kind: 'valid', claims: { ...facts, expiresAtMs: NOW + 60_000 } });
    expect(verifyAssertion(token, { ...at, nowMs: NOW + 60_000 }).kind).toBe('expired');
    expect(verifyAssertion(token, { ...at, audience: 'other' })).toEqual({ kind: 'refused', rule: 'aud' });
  });

  it('T2: may be bound to method and path', () => {
    const bound = { method: 'GET', path: '/api/chats', requestId: 'r1' };
    const verdict = verifyAssertion(signAssertion(keys, { ...facts, bound }), at);
    expect(verdict).toMatchObject({ kind: 'valid', claims: { bound } });
  });

  it('are refused without a subject', () => {
    const token = signJws(keys, 'assertion', { iss: 'steadygate', aud: 'app', iat: seconds, exp: seconds + 60 });
    expect(verifyAssertion(token, at)).toEqual({ kind: 'refused', rule: 'claims' });
  });
});
