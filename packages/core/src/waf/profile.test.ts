import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LINE_PATTERNS } from './line-shapes.ts';
import { patternCost } from './pattern-cost.ts';
import { mayHoldText, PROFILE_EXTRA, PROFILE_PATTERNS, PROFILES, profileOfName, profileOfText } from './profile.ts';

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
const LOG = Array.from({ length: 3 }, (_, at) => `2026-11-21 10:00:0${at} INFO GET /etc/passwd 404`).join('\n');
const PAGE = `<!DOCTYPE html><html><head><title>x</title></head><body><p>${'y'.repeat(60)}</p></body></html>`;
const README = `# left-pad\n\n## Install\n\n- one two three\n- four five six\n\n> seven eight nine ten\n\n[x](y) ${'z'.repeat(90)}`;
const MARKDOWN = `# Notes\n\n${PROSE}\n\n**More.** ${PROSE}\n\n${PROSE}\n`;

describe('what a value looks like', () => {
  it.each([
    ['prose', PROSE, 'text'],
    ['prose with quoted code', `${PROSE} Use \`' or 1=1\` with care.`, 'text'],
    ['source code', CODE, 'code'],
    ['a script', '#!/bin/sh\nrm -rf /tmp/x and more', 'code'],
    ['what only begins like a script', "#!/bin/sh ' union select 1, 2, 3 --", undefined],
    ['lines of a log', LOG, 'code'],
    ['a page', PAGE, 'code'],
    ['an attack that begins as a page does', `<html xmlns:x><script>${'x'.repeat(80)}</script>`, undefined],
    ['a fenced block', `\`\`\`\n${'x '.repeat(50)}\n\`\`\``, 'markdown'],
    ['a terse README', README, 'markdown'],
    [
      'SQL that has the article for a name',
      "1 and (select 1 from (select count(*),x from t group by x)a)='a",
      undefined,
    ],
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

  it('reads a long value by a sample, and its patterns repeat nothing without bound', () => {
    for (const pattern of [...PROFILE_PATTERNS, ...LINE_PATTERNS]) {
      expect(patternCost(pattern).ways).toBeLessThan(Infinity);
    }
    expect(profileOfText(`${PROSE}\n`.repeat(20_000))).toBe('text');
    expect(profileOfText('x'.repeat(1_000_000))).toBeUndefined();
  });
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
    expect(profileOfName({ name, value, isNested: false })).toBe(expected);
  });

  it.each([
    ['code', 'rm -rf x', 'code'],
    ['command', 'rm -rf x', 'text'],
    ['username', 'rm -rf x', undefined],
  ])(
    'deeper in a document, where calls of tools and cells of notebooks stand, %s excuses %j: %s',
    (name, value, expected) => {
      expect(profileOfName({ name, value, isNested: true })).toBe(expected);
    },
  );

  it.each([
    ['message', '2026-11-21 10:00:00 ERROR could not load the order', 'code'],
    ['message', "' or 1=1 -- and a long rest that is no line of a log", undefined],
    ['login', '2026-11-21 10:00:00 ERROR could not load the order', undefined],
    ['script-sample', 'alert(1)', 'code'],
  ])('%s with %j: %s', (name, value, expected) => {
    expect(profileOfName({ name, value, isNested: false })).toBe(expected);
  });

  it('is asked where prose and code are at home', () => {
    expect((['json', 'text', 'form', 'query', 'file', 'xml'] as const).every(mayHoldText)).toBe(true);
    expect((['path', 'header', 'cookie', 'name'] as const).some(mayHoldText)).toBe(false);
  });

  it('takes more evidence the more a profile looks like attacks by accident', () => {
    const extras = PROFILES.map((profile) => PROFILE_EXTRA[profile]);
    expect(extras).toEqual(extras.toSorted((a, b) => a - b));
    expect(PROFILE_EXTRA.default).toBe(0);
  });
});
