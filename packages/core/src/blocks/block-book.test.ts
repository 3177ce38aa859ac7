import { describe, expect, it } from 'vitest';
import { keyPrincipal, NOW, principal } from '../../test/fixtures.ts';
import { addressSubject, type BlockSubject } from './block.ts';
import { BlockBook } from './block-book.ts';

const block = (subject: BlockSubject, id = 'b1', untilMs = NOW + 60_000) => ({ id, subject, untilMs, cause: 'waf: x' });
const user = (id: string, tenantId = 'default'): BlockSubject => ({ kind: 'user', tenantId, id });
const key = (id: string, tenantId = 'default'): BlockSubject => ({ kind: 'key', tenantId, id });

function book(...blocks: ReturnType<typeof block>[]): BlockBook {
  const made = new BlockBook();
  for (const one of blocks) made.put(one);
  return made;
}

describe('the book of blocks', () => {
  it('T13: a user is blocked in the tenant of the block, and in no other', () => {
    const blocks = book(block(user('u1', 'acme')));
    expect(blocks.ofCaller(principal({ tenantId: 'acme' }), NOW)?.id).toBe('b1');
    expect(blocks.ofCaller(principal({ tenantId: 'other' }), NOW)).toBeUndefined();
  });

  it('T13: a key is blocked by itself: its successor and its service account are not', () => {
    const blocks = book(block(key('k1')));
    expect(blocks.ofCaller(keyPrincipal({ id: 'k1' }), NOW)?.id).toBe('b1');
    expect(blocks.ofCaller(keyPrincipal({ id: 'k2' }), NOW)).toBeUndefined();
    expect(blocks.ofCaller(principal({ userId: 'k1' }), NOW)).toBeUndefined();
  });

  it('counts what holds, addresses apart from callers', () => {
    const address = addressSubject('198.51.100.7');
    const blocks = book(block(user('u1')), block(key('k1'), 'b2'), block(address, 'b3'), block(key('k2'), 'b4', NOW));
    expect(blocks.counts(NOW)).toEqual({ addresses: 1, callers: 2 });
    expect(blocks.counts(NOW + 60_000)).toEqual({ addresses: 0, callers: 0 });
  });

  it('a blocked service account stops all of its keys', () => {
    const blocks = book(block(user('robot')));
    expect(blocks.ofCaller(keyPrincipal({ id: 'k2' }, { userId: 'robot' }), NOW)?.id).toBe('b1');
  });

  it.each([
    ['198.51.100.7', '198.51.100.7', true],
    ['198.51.100.7', '198.51.100.8', false],
    ['198.51.100.7', '::ffff:198.51.100.7', true],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ])('T13: a block of %s binds %s: %s', (blocked, other, isBlocked) => {
    expect(book(block(addressSubject(blocked))).ofAddress(other, NOW) !== undefined).toBe(isBlocked);
  });

  it('knows nobody while nobody is blocked, and no caller by an address', () => {
    expect(book().ofAddress('198.51.100.7', NOW)).toBeUndefined();
    expect(book().of(user('u1'), NOW)).toBeUndefined();
    expect(book(block(addressSubject('198.51.100.7'))).ofCaller(principal(), NOW)).toBeUndefined();
  });

  it('forgets a block at its end', () => {
    const blocks = book(block(user('u1')));
    expect(blocks.of(user('u1'), NOW + 59_999)?.id).toBe('b1');
    expect(blocks.of(user('u1'), NOW + 60_000)).toBeUndefined();
    expect(blocks.size).toBe(0);
  });

  it('sweeps what nobody asked for again', () => {
    const blocks = book(block(user('u1')), block(addressSubject('198.51.100.7'), 'b2', NOW + 120_000));
    blocks.sweep(NOW + 60_000);
    expect(blocks.size).toBe(1);
    blocks.sweep(NOW + 120_000);
    expect(blocks.size).toBe(0);
    expect(blocks.put(block(addressSubject('198.51.100.7')))).toBe(true);
  });

  it('lifts by id, and replaces what a subject had', () => {
    const blocks = book(block(user('u1'), 'first'), block(user('u1'), 'second'), block(key('k1'), 'third'));
    expect(blocks.size).toBe(2);
    blocks.remove('second');
    blocks.remove('nobody');
    expect(blocks.of(user('u1'), NOW)).toBeUndefined();
    expect(blocks.of(key('k1'), NOW)?.id).toBe('third');
  });

  it('T24: is bounded, and a flood of addresses leaves room for callers', () => {
    const blocks = new BlockBook({ sizeMax: 4, addressesMax: 2 });
    const put = (subject: BlockSubject, id: string): boolean => blocks.put(block(subject, id));
    const addresses = ['198.51.100.1', '198.51.100.2', '198.51.100.3'].map(addressSubject);
    expect(addresses.map((subject, at) => put(subject, `a${at}`))).toEqual([true, true, false]);
    expect(['u1', 'u2', 'u3'].map((id) => put(user(id), id))).toEqual([true, true, false]);
    expect(put(user('u1'), 'again')).toBe(true);
    expect(blocks.size).toBe(4);
  });
});
