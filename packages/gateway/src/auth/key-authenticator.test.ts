import { apiKeyText, type KeyCredential } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { digestOf, equalInConstantTime } from '../crypto/digest.ts';
import { KeyAuthenticator, type KeyFacts } from './key-authenticator.ts';

const NOW = 1_800_000_000_000;
const ID = 'A'.repeat(20);
const KEY = apiKeyText({ prefix: 'sg_', environment: 'live', id: ID, secret: '7'.repeat(43) });
const OTHER_SECRET = apiKeyText({ prefix: 'sg_', environment: 'live', id: ID, secret: '8'.repeat(43) });
const UNKNOWN = apiKeyText({ prefix: 'sg_', environment: 'live', id: 'B'.repeat(20), secret: '7'.repeat(43) });

const FACTS: KeyFacts = {
  id: ID,
  tenantId: 'acme',
  userId: 'svc',
  environment: 'live',
  permissions: ['orders:*'],
  addresses: ['10.0.0.0/8'],
  rate: '20/s',
  expiresAtMs: undefined,
  revokedAtMs: undefined,
};

function setUp(changes: Partial<KeyFacts> = {}, cachedMax?: number) {
  const rows = new Map([[ID, { ...FACTS, ...changes, digest: digestOf(KEY) }]]);
  const imported = new Map<string, KeyFacts>();
  const lookups = { count: 0, before: async (): Promise<void> => undefined };
  const look = async <T>(found: () => T): Promise<T> => {
    lookups.count += 1;
    const answer = found();
    await lookups.before();
    return answer;
  };
  const keys = new KeyAuthenticator({
    ...(cachedMax === undefined ? {} : { cachedMax }),
    prefix: () => 'sg_',
    digest: digestOf,
    equal: equalInConstantTime,
    byId: (id) => look(() => rows.get(id)),
    importedByDigest: (digest) => look(() => imported.get(digest)),
  });
  return { keys, rows, imported, lookups };
}

describe('KeyAuthenticator', () => {
  it('knows a key after one look-up', async () => {
    const { keys, lookups } = setUp();
    expect(keys.cached(KEY, NOW)).toBeUndefined();
    const found = await keys.authenticate(KEY, NOW);
    expect(found).toMatchObject({ kind: 'principal', principal: { userId: 'svc', tenantId: 'acme', role: 'key' } });
    expect(keys.cached(KEY, NOW)).toBe(found);
    expect(lookups.count).toBe(1);
    const credential = found.kind === 'principal' ? (found.principal.credential as KeyCredential) : undefined;
    expect(credential).toMatchObject({ expiresAtMs: Infinity, limit: { text: '20/s', rate: { amount: 20 } } });
    expect(credential?.addresses.map(({ text }) => text)).toEqual(['10.0.0.0/8']);
  });

  it.each([KEY.slice(0, -1), `${KEY}x`, KEY.replace('live', 'test'), 'sg_live_', 'sg_test_anything'])(
    'T24: %s costs no look-up',
    async (key) => {
      const { keys, lookups } = setUp();
      expect(await keys.authenticate(key, NOW)).toEqual({ kind: 'refused', rule: 'key without a valid checksum' });
      expect(lookups.count).toBe(0);
    },
  );

  it('T24: an unknown id costs one look-up in ten seconds', async () => {
    const { keys, lookups } = setUp();
    for (const atMs of [0, 1, 9_999]) {
      expect(await keys.authenticate(UNKNOWN, NOW + atMs)).toEqual({ kind: 'refused', rule: 'unknown key' });
    }
    expect(lookups.count).toBe(1);
    await keys.authenticate(UNKNOWN, NOW + 10_000);
    expect(lookups.count).toBe(2);
  });

  it('refuses a wrong secret, before and after the right one was seen', async () => {
    const { keys } = setUp();
    expect(await keys.authenticate(OTHER_SECRET, NOW)).toMatchObject({ kind: 'refused' });
    await keys.authenticate(KEY, NOW);
    expect(keys.cached(OTHER_SECRET, NOW)).toBeUndefined();
    expect(await keys.authenticate(OTHER_SECRET, NOW)).not.toHaveProperty('wasOurs');
  });

  it.each([{ revokedAtMs: NOW - 1 }, { expiresAtMs: NOW }])(
    'a genuine key that is over was ours: %j',
    async (changes) => {
      const { keys, lookups } = setUp(changes);
      for (let asked = 0; asked < 3; asked += 1) {
        expect(await keys.authenticate(KEY, NOW)).toMatchObject({ kind: 'refused', wasOurs: true });
      }
      expect(lookups.count).toBe(1);
      // Whoever only knows its id guesses.
      expect(await keys.authenticate(OTHER_SECRET, NOW)).not.toHaveProperty('wasOurs');
    },
  );

  it('a cached key ends when it expires', async () => {
    const { keys } = setUp({ expiresAtMs: NOW + 10 });
    await keys.authenticate(KEY, NOW);
    expect(keys.cached(KEY, NOW + 9)).toBeDefined();
    expect(keys.cached(KEY, NOW + 10)).toBeUndefined();
    expect(await keys.authenticate(KEY, NOW + 10)).toMatchObject({ kind: 'refused' });
  });

  it('WK1: a revocation that arrives while a look-up runs wins', async () => {
    const { keys, rows, lookups } = setUp();
    lookups.before = async () => {
      lookups.before = async () => undefined;
      rows.set(ID, { ...FACTS, digest: digestOf(KEY), revokedAtMs: NOW });
      keys.forget(ID);
    };
    expect(await keys.authenticate(KEY, NOW)).toMatchObject({ kind: 'refused' });
    expect(keys.cached(KEY, NOW)).toBeUndefined();
  });

  it('WK1: nor does whoever asks after it get the answer of a look-up that began before it', async () => {
    const { keys, rows, lookups } = setUp();
    const held = Promise.withResolvers<void>();
    lookups.before = () => held.promise;
    const first = keys.authenticate(KEY, NOW);
    rows.set(ID, { ...FACTS, digest: digestOf(KEY), revokedAtMs: NOW });
    keys.forget(ID);
    lookups.before = async () => undefined;
    expect(await keys.authenticate(KEY, NOW)).toMatchObject({ kind: 'refused' });
    held.resolve();
    expect(await first).toMatchObject({ kind: 'refused' });
    expect(keys.cached(KEY, NOW)).toBeUndefined();
  });

  it('T11: when nobody knows what happened meanwhile, every key is looked up again, known and unknown ones', async () => {
    const { keys, rows, lookups } = setUp();
    await keys.authenticate(KEY, NOW);
    await keys.authenticate(UNKNOWN, NOW);
    rows.set('B'.repeat(20), { ...FACTS, id: 'B'.repeat(20), digest: digestOf(UNKNOWN) });
    rows.set(ID, { ...FACTS, digest: digestOf(KEY), revokedAtMs: NOW });
    keys.forgetAll();
    expect(keys.cached(KEY, NOW)).toBeUndefined();
    expect(await keys.authenticate(KEY, NOW)).toMatchObject({ kind: 'refused', wasOurs: true });
    expect(await keys.authenticate(UNKNOWN, NOW)).toMatchObject({ kind: 'principal' });
    expect(lookups.count).toBe(4);
  });

  it('knows imported keys by their digest, and forgets them too', async () => {
    const { keys, imported } = setUp();
    expect(await keys.authenticate('theirs', NOW)).toMatchObject({ rule: 'unknown key' });
    imported.set(digestOf('theirs'), { ...FACTS, id: 'k9' });
    keys.forget('k9');
    expect(await keys.authenticate('theirs', NOW)).toMatchObject({ kind: 'principal' });
    expect(keys.cached('theirs', NOW)).toBeDefined();
    keys.forget('k9');
    expect(keys.cached('theirs', NOW)).toBeUndefined();
    expect(await keys.authenticate('x'.repeat(513), NOW)).toMatchObject({ rule: 'key without a valid checksum' });
  });

  it('a full cache forgets a revoked key, whichever it forgot before', async () => {
    const { keys, rows } = setUp({}, 2);
    const others = ['C', 'D'].map((letter) => {
      const id = letter.repeat(20);
      const text = apiKeyText({ prefix: 'sg_', environment: 'live', id, secret: '7'.repeat(43) });
      rows.set(id, { ...FACTS, id, digest: digestOf(text) });
      return text;
    });
    await keys.authenticate(KEY, NOW);
    await keys.authenticate(others[0] ?? '', NOW);
    expect(keys.cached(KEY, NOW)).toBeDefined();
    await keys.authenticate(others[1] ?? '', NOW);
    expect(keys.cached(KEY, NOW)).toBeDefined();
    keys.forget(ID);
    expect(keys.cached(KEY, NOW)).toBeUndefined();
  });

  it.each([{ addresses: ['nowhere'] }, { rate: 'fast' }])('never lets %j become no restriction', async (changes) => {
    await expect(setUp(changes).keys.authenticate(KEY, NOW)).rejects.toThrow('does not know');
  });
});
