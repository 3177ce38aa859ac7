import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { csrfTokens } from './csrf.ts';
import { derivedKeys } from './derived-keys.ts';
import { digestOf, equalInConstantTime, keyedDigest } from './digest.ts';
import { systemRandom } from './random.ts';
import { refreshCrypto } from './refresh-token.ts';

const key = createSecretKey(randomBytes(32));

describe('CSRF tokens', () => {
  const csrf = csrfTokens(key);

  it('SB22: hold for their session only', () => {
    expect(csrf.holds('s1', csrf.of('s1'))).toBe(true);
    expect(csrf.holds('s2', csrf.of('s1'))).toBe(false);
    expect(csrf.holds('s1', '')).toBe(false);
    expect(csrfTokens(createSecretKey(randomBytes(32))).holds('s1', csrf.of('s1'))).toBe(false);
  });
});

describe('digests', () => {
  it('T17: of invites confirm nothing without the pepper', () => {
    const [one, two] = [derivedKeys(key), derivedKeys(createSecretKey(randomBytes(32)))];
    expect(keyedDigest(one.invitePepper, 'SBADM1N7K3MXW9P')).toBe(
      keyedDigest(derivedKeys(key).invitePepper, 'SBADM1N7K3MXW9P'),
    );
    expect(keyedDigest(one.invitePepper, 'SBADM1N7K3MXW9P')).not.toBe(keyedDigest(two.invitePepper, 'SBADM1N7K3MXW9P'));
    expect(one.csrf.export()).not.toEqual(one.invitePepper.export());
  });

  it('are compared whatever their lengths', () => {
    expect([equalInConstantTime('a', 'a'), equalInConstantTime('a', 'ab'), equalInConstantTime('', 'a')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('ids', () => {
  it('T10: hold 128 bits, are never an option on a command line', () => {
    const ids = Array.from({ length: 5000 }, () => systemRandom.id());
    expect(ids.every((id) => /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(5000);
  });
});

describe('refresh tokens', () => {
  const refresh = refreshCrypto(systemRandom);

  it('are known by their digest, in one spelling', () => {
    const { token, digest } = refresh.issue();
    expect(token).toMatch(/^sgr_[A-Za-z0-9_-]{43}$/);
    expect(refresh.digest(token)).toBe(digest);
    expect(digest).toBe(digestOf(token));
    for (const text of [
      '',
      token.slice(0, -1),
      `${token}=`,
      token.toUpperCase(),
      ` ${token}`,
      `${token.slice(0, -1)}B`,
    ]) {
      expect(refresh.digest(text)).toBeUndefined();
    }
  });

  it('T19: seal their successor so that only they open it', () => {
    const [first, second, stranger] = [refresh.issue(), refresh.issue(), refresh.issue()];
    const sealed = refresh.sealSuccessor(second.token, first.token);
    expect(refresh.openSuccessor(sealed, first.token)).toBe(second.token);
    expect(() => refresh.openSuccessor(sealed, stranger.token)).toThrow('does not open');
    expect(Buffer.from(sealed).toString('latin1')).not.toContain(second.token);
  });
});
