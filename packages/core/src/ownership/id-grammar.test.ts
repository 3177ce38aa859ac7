import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileIdGrammar } from './id-grammar.ts';

function grammar(pattern: string): (id: string) => boolean {
  const compiled = compileIdGrammar(pattern);
  if (typeof compiled !== 'function') throw new Error(compiled.problem);
  return compiled;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

describe('compileIdGrammar', () => {
  it.each([
    [UUID, '3f2b8c1e-0d4a-4c6b-9e7f-1a2b3c4d5e6f', true],
    [UUID, '3F2B8C1E-0D4A-4C6B-9E7F-1A2B3C4D5E6F', false],
    [UUID, '3f2b8c1e-0d4a-4c6b-9e7f-1a2b3c4d5e6f\n', false],
    [UUID, ' 3f2b8c1e-0d4a-4c6b-9e7f-1a2b3c4d5e6f', false],
    ['^\\d+$', '42', true],
    ['\\d+', '٤٢', false],
    ['chat_\\w{3,5}', 'chat_ab', false],
    ['chat_\\w{3,5}', 'chat_abcde', true],
    ['chat_\\w{3,5}', 'chat_abcdef', false],
    ['(?:usr|org)-[a-z]+(?:-[a-z]+)*', 'org-a-bc', true],
    ['(?:usr|org)-[a-z]+(?:-[a-z]+)*', 'org-a-', false],
    ['(a|b){2}c?', 'ab', true],
    ['a{2,}', 'aaa', true],
    ['a{2,}', 'a', false],
    ['[a\\-z]b\\.[\\d-]', '-b.-', true],
    ['[-a]', '-', true],
    ['a\\$', 'a$', true],
    ['(?:a*)*b', 'aab', true],
  ])('%s and %j: %s', (pattern, id, expected) => {
    expect(grammar(pattern)(id)).toBe(expected);
  });

  it.each([
    '.*',
    '[^a]',
    '\\S',
    '\\W',
    'a/b',
    '[+-9]',
    '\\x2f',
    '\\p{L}',
    'a\\/b',
    '%41',
    'a b',
    'a;b',
    'a\\\\',
    '[é]',
  ])('T9: refuses %s, which could name more than one path segment or has two spellings', (pattern) => {
    expect(compileIdGrammar(pattern)).toHaveProperty('problem');
  });

  it.each(['', 'a?', 'a*', '\\.', '[.]{2}', '|a'])('refuses %j, which matches an empty or dot segment', (pattern) => {
    expect(compileIdGrammar(pattern)).toHaveProperty('problem');
  });

  it.each([
    ['(a', 'without its )'],
    ['a)', ') too many'],
    ['[a', 'ends too early'],
    ['[]', 'matches nothing'],
    ['a{x}', 'starts no quantifier'],
    ['a{5,2}', 'out of range'],
    ['a{257}', 'out of range'],
    ['a{1,300}', 'out of range'],
    ['(?=a)', '(?:'],
    ['*a', 'not understood'],
    ['a+?+', 'not understood'],
    ['\\bfoo', 'not understood'],
    ['[z-a]', 'no range'],
    ['[a-\\d]', 'no range'],
    ['[a-é]', 'leaves ASCII'],
    ['\\', 'ends too early'],
    ['a'.repeat(513), 'longer'],
    ['(a{200}){200}', 'repeats too much'],
  ])('says what is wrong with %s', (pattern, words) => {
    const compiled = compileIdGrammar(pattern);
    expect('problem' in compiled && compiled.problem).toContain(words);
  });

  it('never accepts an id of more than 256 characters', () => {
    expect(grammar('a+')('a'.repeat(256))).toBe(true);
    expect(grammar('a+')('a'.repeat(257))).toBe(false);
  });

  it('needs no backtracking for patterns that are exponential elsewhere', () => {
    expect(grammar('(?:a+)+b')('a'.repeat(256))).toBe(false);
    expect(grammar('(?:a|a){100}b')('a'.repeat(256))).toBe(false);
    expect(grammar('a*a*a*a*a*a*b')('a'.repeat(256))).toBe(false);
  });

  it('stays right when more sets of states appear than are remembered', () => {
    const pattern = '(?:a|b)*a(?:a|b){12}';
    const [matches, expected] = [grammar(pattern), new RegExp(`^(?:${pattern})$`)];
    for (let number = 0; number < 3000; number += 1) {
      const id = (number * 7919).toString(2).replaceAll('0', 'a').replaceAll('1', 'b');
      expect(matches(id)).toBe(expected.test(id));
    }
  });

  it('agrees with the regular expression of the same text', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '\\d', '[a-c-]', '(?:ab)', '(?:a|bc)', '\\.');
    const part = fc
      .tuple(atom, fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,2}', '{1,}'))
      .map((both) => both.join(''));
    const pattern = fc
      .tuple(fc.constant('a'), part, fc.constantFrom('', '|'), fc.constant('b'), part, part)
      .map((all) => all.join(''));
    const id = fc.array(fc.constantFrom('a', 'b', 'c', '1', '-', '.'), { maxLength: 8 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(pattern, fc.array(id, { minLength: 1, maxLength: 20 }), (text, ids) => {
        const matches = grammar(text);
        const expected = new RegExp(`^(?:${text})$`);
        for (const each of ids) expect(matches(each)).toBe(expected.test(each));
      }),
    );
  });

  it('never throws, and whatever compiles never matches a path separator', () => {
    const hostile = fc
      .array(fc.constantFrom(...Array.from('ab/[]()?:*+{}2,|\\dw.^$-%')), { maxLength: 16 })
      .map((chars) => chars.join(''));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), fc.string(), (pattern, around) => {
        const compiled = compileIdGrammar(pattern);
        const forbidden = [`${around}/`, '/', '', '.', '..'];
        expect(typeof compiled === 'function' && forbidden.some((id) => compiled(id))).toBe(false);
      }),
    );
  });
});
