import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mayHoldText, PROFILE_EXTRA, PROFILES, profileOfName, profileOfText } from './profile.ts';

const PROSE = 'Please tell me what you think about the garden that we saw in the city.';
const CODE = [
  'import { a } from "b";',
  'const c = a();',
  '',
  'if (c) {',
  '  return c;',
  '}',
  'export { c, d, e, f, g };',
].join('\n');
const MARKDOWN = `# Notes\n\n${PROSE}\n\n**More.** ${PROSE}\n\n${PROSE}\n`;

describe('what a value looks like', () => {
  it.each([
    ['prose', PROSE, 'text'],
    ['prose with quoted code', `${PROSE} Use \`' or 1=1\` with care.`, 'text'],
    ['source code', CODE, 'code'],
    ['a script', '#!/bin/sh\nrm -rf /tmp/x and more', 'code'],
    ['markdown', MARKDOWN, 'markdown'],
    ['long prose without marks', `${PROSE} ${PROSE} ${PROSE}`, 'text'],
    ['a long document, whatever its end', `${PROSE}\n`.repeat(300), 'text'],
    ['a short value', 'the a an of to are', undefined],
    ['words that are SQL, too', "x' union select all from users where name is not null and 1", undefined],
    ['two lines of code', `${'x'.repeat(80)};\n${'y'.repeat(80)};`, undefined],
    ['one long word', 'x'.repeat(5000), undefined],
    ['blanks', ' '.repeat(500), undefined],
  ])('%s', (_, value, expected) => {
    expect(profileOfText(value)).toBe(expected);
  });

  it('WK15: a payload stays one with a few words before it', () => {
    expect(profileOfText("the ' union select password from users where 1=1 --")).toBeUndefined();
    expect(profileOfText(`the a of ${"<script>alert('x')</script>".repeat(20)}`)).not.toBe('text');
  });

  it('is said of any value without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.lorem({ maxCount: 60 })), (value) => {
        expect([undefined, 'text', 'markdown', 'code']).toContain(profileOfText(value));
      }),
    );
  });

  it.each(['a ', '\n', '`', 'the ', '> ', '* ', 'x;\n', '('])(
    'reads 1 000 000 characters of %j by a sample',
    (piece) => {
      const startMs = performance.now();
      profileOfText(piece.repeat(1_000_000 / piece.length));
      expect(performance.now() - startMs).toBeLessThan(2000);
    },
  );
});

describe('what a field holds by its name', () => {
  it.each([
    ['code', 'x'.repeat(41), 'code'],
    ['newString', 'x'.repeat(41), 'code'],
    ['content', PROSE, 'text'],
    ['systemPrompt', PROSE, 'text'],
    ['content', 'x'.repeat(41), undefined],
    ['code', "' or 1=1 --", undefined],
    ['username', PROSE, undefined],
    ['encode', 'x'.repeat(41), undefined],
  ])('%s excuses %j: %s; a short attack under a name is no source code', (name, value, expected) => {
    expect(profileOfName(name, value)).toBe(expected);
  });

  it('is asked where prose and code are at home', () => {
    expect((['json', 'text', 'form', 'query', 'file'] as const).every(mayHoldText)).toBe(true);
    expect((['path', 'header', 'cookie', 'xml', 'name'] as const).some(mayHoldText)).toBe(false);
  });

  it('takes more evidence the more a profile looks like attacks by accident', () => {
    const extras = PROFILES.map((profile) => PROFILE_EXTRA[profile]);
    expect(extras).toEqual(extras.toSorted((a, b) => a - b));
    expect(PROFILE_EXTRA.default).toBe(0);
  });
});
