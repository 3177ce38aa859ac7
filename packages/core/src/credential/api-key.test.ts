import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiKeyText,
  BASE62,
  claimsToBeApiKey,
  KEY_ID_CHARACTERS,
  KEY_SECRET_CHARACTERS,
  parseApiKey,
} from './api-key.ts';

const CHARACTERS = BASE62.split('');
const base62 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: length, maxLength: length });
const parts = fc.record({
  prefix: fc.constantFrom('sg_', 'acme_'),
  environment: fc.constantFrom('live' as const, 'test' as const),
  id: base62(KEY_ID_CHARACTERS),
  secret: base62(KEY_SECRET_CHARACTERS),
});
const SAMPLE = apiKeyText({ prefix: 'sg_', environment: 'live', id: 'A'.repeat(20), secret: '0'.repeat(43) });

describe('parseApiKey', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(parts, (key) => {
        const { prefix, environment, id } = key;
        expect(parseApiKey(apiKeyText(key), prefix)).toEqual({ environment, id });
      }),
    );
  });

  it('keeps its form: keys that were given out stay good', () => {
    expect(SAMPLE).toBe('sg_live_AAAAAAAAAAAAAAAAAAAA_000000000000000000000000000000000000000000028srAm');
  });

  it('T24: refuses every key in which one character differs', () => {
    fc.assert(
      fc.property(parts, fc.nat(77), fc.constantFrom(...CHARACTERS, '_', '-', 'é', '\0'), (key, at, char) => {
        const text = apiKeyText(key);
        if (text[at] === char) return;
        expect(parseApiKey(text.slice(0, at) + char + text.slice(at + 1), key.prefix)).toBeUndefined();
      }),
    );
  });

  it.each([
    '',
    'sg_',
    SAMPLE.slice(0, -1),
    `${SAMPLE}0`,
    ` ${SAMPLE}`,
    `${SAMPLE}\n`,
    SAMPLE.replace('live', 'test'),
    SAMPLE.replace('live', 'prod'),
    SAMPLE.replace('sg_', 'SG_'),
    SAMPLE.toLowerCase(),
  ])('T24: %j is no key', (text) => {
    expect(parseApiKey(text, 'sg_')).toBeUndefined();
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseApiKey(text, 'sg_')).toBeUndefined();
      }),
    );
  });
});

describe('claimsToBeApiKey', () => {
  it.each([
    ['sg_live_', true],
    ['sg_test_x', true],
    ['sg_prod_x', false],
    ['acme_live_x', false],
    ['eyJ.a.b', false],
  ])('%s: %s', (text, claims) => {
    expect(claimsToBeApiKey(text, 'sg_')).toBe(claims);
  });
});
