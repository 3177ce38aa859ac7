import { describe, expect, it } from 'vitest';
import { principal } from '../test/fixtures.ts';
import { authorize, permissionsOf, PLATFORM_AREAS } from './access.ts';

describe('permissionsOf', () => {
  it.each([
    [['chats:read'], 'chats:read', true],
    [['chats:read'], 'chats:write', false],
    [['chats:*'], 'chats:write', true],
    [['chats:*'], 'chat:write', false],
    [['*:read'], 'orders:read', true],
    [['*:read'], 'orders:write', false],
    [['*'], 'orders:write', true],
    [[], 'orders:read', false],
    [['*'], 'orders', false],
    [['*'], ':read', false],
    [['*'], '', false],
    [['chats:*'], '*:read', false],
  ])('SB4: %j grants %s: %s', (grants, permission, granted) => {
    const set = permissionsOf(grants, 'default');
    expect(set.has(permission)).toBe(granted);
    expect(set.has(permission)).toBe(granted);
    expect(set.list()).toEqual(grants);
  });

  it.each(PLATFORM_AREAS)('T15: no role outside tenant system holds %s, whatever its wildcards', (area) => {
    const grants = ['*', `${area}:*`, `${area}:write`, '*:write'];
    expect(permissionsOf(grants, 'default').has(`${area}:write`)).toBe(false);
    expect(permissionsOf(grants, 'system').has(`${area}:write`)).toBe(true);
  });

  it('T15: a grant of everything reads the same in both spellings, to what it grants and to what it covers', () => {
    for (const grants of [['*'], ['*:*']]) {
      const set = permissionsOf(grants, 'default');
      expect([set.has('orders:write'), set.covers(['orders:*']), set.has('config:write')]).toEqual([true, true, false]);
    }
  });

  it('grants everybody what concerns only themselves', () => {
    expect(permissionsOf([], 'default').has('self:read')).toBe(true);
  });

  it.each([
    [['*'], ['chats:*', '*'], true],
    [['chats:*'], ['chats:read', 'chats:*'], true],
    [['*:read'], ['chats:read'], true],
    [['*:read'], ['chats:*'], false],
    [['chats:*'], ['*'], false],
    [['chats:*'], ['chats:read', 'orders:read'], false],
    [['chats:read'], ['chats:read'], true],
    [[], ['chats'], false],
    [[], [], true],
    [['*:*'], ['*', 'chats:*'], true],
    [['*'], ['*:*'], true],
    [['chats:*'], ['*:*'], false],
  ])('T15: %j cover a role with %j: %s', (granted, wanted, covered) => {
    expect(permissionsOf(granted, 'default').covers(wanted)).toBe(covered);
  });

  it('answers right beyond what it remembers', () => {
    const set = permissionsOf(['a:*'], 'default');
    for (let at = 0; at < 1_100; at += 1) expect(set.has(`a:x${at}`)).toBe(true);
    expect(set.has('b:x1099')).toBe(false);
  });
});

describe('authorize', () => {
  it('proves what the principal holds in its own tenant, and nothing else', () => {
    const who = principal({ tenantId: 't1' });
    expect(authorize(who, 'chats:read')).toEqual({ tenantId: 't1', userId: 'u1', credentialId: 's1' });
    expect(authorize(who, 'orders:read')).toBeUndefined();
  });
});
