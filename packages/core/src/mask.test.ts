import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskEvidence } from './mask.ts';

describe('maskEvidence', () => {
  it.each([
    ['/.git/config', '/.git/config'],
    ['', ''],
    ['call +49 170 1234567', 'call +## ### #######'],
    ['mail ada@example.com now', 'mail [email] now'],
    ['Bearer abc.def', 'Bearer [token]'],
    ['?token=abc&x=y', '?token=[token]&x=y'],
    ['SB-ADMIN-AB2CD3EF', '[invite]'],
    ['sg_live_abc_def', '[token]'],
    ['eyJhbGciOiJFZERTQSJ9AAAAAAAA.eyJzdWIiOiIxIn0.c2ln', '[token]'],
    ['a-long-name-in-plain-lower-case-words', 'a-long-name-in-plain-lower-case-words'],
    ['a\r\nb\u001b[31m', 'a\\u{d}\\u{a}b\\u{1b}[##m'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['\ud800', '\\u{d800}'],
    ['١٢٣', '###'],
    ['x'.repeat(65), `${'x'.repeat(63)}…`],
  ])('T25: shows %j as %j', (text, shown) => {
    expect(maskEvidence(text)).toBe(shown);
  });

  it('T25: leaves no half of a secret that lies across the cut', () => {
    const text = `${'A1'.repeat(250)} Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4`;
    expect(text.length).toBeGreaterThan(512);
    expect(maskEvidence(text)).not.toContain('Zm9');
  });

  it('never throws, never exceeds 64 characters and shows nothing invisible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        const shown = maskEvidence(text);
        expect(shown.length).toBeLessThanOrEqual(64);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});
