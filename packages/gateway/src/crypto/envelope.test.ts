import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newWrappedKey, rewrapKey, seal, unseal, unwrapKey } from './envelope.ts';
import { KeyError } from './key-error.ts';
import { systemRandom as random } from './random.ts';

const key = createSecretKey(randomBytes(32));
const place = { table: 'user', column: 'sealedName', rowId: 'u1' };

describe('envelopes', () => {
  it('open to what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (plain) => {
        expect(new Uint8Array(unseal(seal(plain, { key, place, random }), { key, place }))).toEqual(plain);
      }),
    );
  });

  it('never look the same twice', () => {
    const plain = Buffer.from('Ada');
    expect(seal(plain, { key, place, random })).not.toEqual(seal(plain, { key, place, random }));
  });

  it.each([
    ['table', { ...place, table: 'invite' }],
    ['column', { ...place, column: 'name' }],
    ['row', { ...place, rowId: 'u2' }],
    ['a column that runs into the row', { table: 'user', column: 'sealedName","u1', rowId: '' }],
  ])('T22: do not open in another place: %s', (_name, other) => {
    const sealed = seal(Buffer.from('Ada'), { key, place, random });
    expect(() => unseal(sealed, { key, place: other })).toThrow(KeyError);
  });

  it('do not open under another key, changed anywhere, or cut', () => {
    const sealed = seal(Buffer.from('Ada'), { key, place, random });
    expect(() => unseal(sealed, { key: createSecretKey(randomBytes(32)), place })).toThrow(KeyError);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => unseal(changed, { key, place })).toThrow(KeyError);
      expect(() => unseal(sealed.subarray(0, at), { key, place })).toThrow(KeyError);
    }
  });

  it('give their key to another wrapping key without touching what it sealed', () => {
    const to = createSecretKey(randomBytes(32));
    const wrapped = newWrappedKey({ key, place, random });
    const sealed = seal(Buffer.from('Ada'), { key: unwrapKey(wrapped, { key, place }), place, random });
    const rewrapped = rewrapKey(wrapped, key, { key: to, place, random });
    expect(Buffer.from(unseal(sealed, { key: unwrapKey(rewrapped, { key: to, place }), place })).toString()).toBe(
      'Ada',
    );
    expect(() => unwrapKey(rewrapped, { key, place })).toThrow(KeyError);
  });
});
