import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { Secret } from './secret.ts';

describe('Secret', () => {
  const value = 'Zk3v-9qLw-2pXn-7RtB';
  const secret = new Secret(value);

  it.each([
    ['text', String(secret)],
    ['a template', `${secret}`],
    ['concatenation', `${'' + String(secret)}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspection', inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['inspection without customs', inspect(secret, { customInspect: false, showHidden: true })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['its keys', JSON.stringify(Object.entries(secret))],
    ['a copy', JSON.stringify(Object.assign({}, secret))],
    ['a clone', inspect(structuredClone({ secret }))],
    ['an error', inspect(new Error('failed', { cause: { secret } }))],
  ])('never shows its value in %s', (_place, shown) => {
    expect(shown).not.toContain(value);
  });

  it('gives its value to who asks by name', () => {
    expect(secret.reveal()).toBe(value);
  });
});
