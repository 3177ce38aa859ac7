import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPath } from '../canonical/path.ts';
import { comparePatterns, foldPattern, parsePattern, type Pattern, patternKey } from './pattern.ts';
import { routeTrie } from './route-trie.ts';

function pattern(text: string): Pattern {
  const parsed = parsePattern(text);
  if ('message' in parsed) throw new Error(parsed.message);
  return parsed;
}

const trieOf = (texts: readonly string[]) => routeTrie(texts.map((text) => ({ pattern: pattern(text), value: text })));

describe('parsePattern', () => {
  it.each([
    '/',
    '/**',
    '/api/**',
    '/api/chats/{id}',
    '/exact',
    '/docs/',
    '/{a}/{b_2}',
    '/caf%C3%A9',
    '/a%20b',
    '/@x:y',
  ])('takes %s', (text) => {
    expect(patternKey(pattern(text))).toBe(text.replaceAll(/\{\w+\}/g, '{}'));
  });

  it.each([
    '',
    'api',
    '/api/*',
    '/**/x',
    '/a**',
    '//',
    '/a//b',
    '/a/{id',
    '/a/x{id}',
    '/{}',
    '/{1}',
    '/é',
    '/a b',
    '/%2fx',
    '/%2Fx',
    '/%41',
    '/%c3',
    '/%00',
    '/%5C',
    '/a;b',
    '/.',
    '/..',
    '/...',
    '/a?b',
    '/a#b',
    '/%3B',
    '/%20',
    '/%7E',
    '/%25',
  ])('T9: refuses %j, which no canonical path is spelt like', (text) => {
    const parsed = parsePattern(text);
    expect(parsed).toHaveProperty('message');
    expect(parsed).toHaveProperty('hint');
  });
});

describe('comparePatterns', () => {
  it('puts the most specific first', () => {
    const sorted = [
      '/api/chats/new',
      '/api/chats/{id}/x',
      '/api/chats/{id}',
      '/api/chats',
      '/api/chats/**',
      '/api/{x}',
      '/api',
      '/api/**',
      '/{x}',
      '/',
      '/**',
    ];
    const shuffled = sorted.toReversed().map(pattern).toSorted(comparePatterns);
    expect(shuffled.map(({ text }) => text)).toEqual([
      '/',
      '/api/chats/new',
      '/api/chats/{id}/x',
      '/api/chats/{id}',
      '/api/chats',
      '/api/chats/**',
      '/api/{x}',
      '/api',
      '/api/**',
      '/{x}',
      '/**',
    ]);
    expect(comparePatterns(pattern('/a/{x}'), pattern('/a/{y}'))).toBe(0);
    expect(comparePatterns(pattern('/b'), pattern('/a'))).toBe(1);
  });
});

describe('routeTrie', () => {
  const trie = trieOf([
    '/',
    '/api/**',
    '/api/chats/{id}',
    '/api/chats/new',
    '/{x}/y',
    '/docs/',
    '/docs',
    '/a/{x}/c',
    '/a/b/d',
  ]);

  it.each([
    ['/', '/'],
    ['/api', '/api/**'],
    ['/api/', '/api/**'],
    ['/api/x/y', '/api/**'],
    ['/api/chats', '/api/**'],
    ['/api/chats/', '/api/**'],
    ['/api/chats/new', '/api/chats/new'],
    ['/api/chats/7', '/api/chats/{id}'],
    ['/api/chats/7/', '/api/**'],
    ['/api/chats/new/x', '/api/**'],
    ['/apix', undefined],
    ['/API', undefined],
    ['/q/y', '/{x}/y'],
    ['/docs', '/docs'],
    ['/docs/', '/docs/'],
    ['/docs/y', '/{x}/y'],
    ['/a/b/c', '/a/{x}/c'],
    ['/a/b/d', '/a/b/d'],
    ['/a//c', undefined],
    ['/__proto__', undefined],
  ])('matches %s to %s', (path, text) => {
    expect(trie.find(path)).toBe(text);
  });

  it('keeps the first of two equal patterns', () => {
    const twice = [
      { pattern: pattern('/a'), value: 1 },
      { pattern: pattern('/a'), value: 2 },
    ];
    expect(routeTrie(twice).find('/a')).toBe(1);
    const below = [
      { pattern: pattern('/a/**'), value: 1 },
      { pattern: pattern('/a/**'), value: 2 },
    ];
    expect(routeTrie(below).find('/a')).toBe(1);
  });

  it('finds what a search through all patterns in order finds', () => {
    const segment = fc.constantFrom('a', 'b', '{x}');
    const texts = fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([parts, below]) => `/${parts.join('/')}${below ? '/**' : ''}`);
    const paths = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 5 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 12 }), paths, (all, path) => {
        const sorted = all.map(pattern).toSorted(comparePatterns);
        const found = trieOf(all).find(path);
        const expected = sorted.find((each) => matches(each, path));
        expect(found === undefined ? undefined : patternKey(pattern(found))).toBe(expected && patternKey(expected));
      }),
      { numRuns: 500 },
    );
  });
});

/** The plain meaning of a pattern. */
function matches({ segments, below }: Pattern, path: string): boolean {
  const parts = path.slice(1).split('/');
  if (below ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every((segment, at) => (segment === 'any' ? parts[at] !== '' : parts[at] === segment.literal));
}

describe('foldPattern', () => {
  it.each([
    ['/API/{Id}/**', '/api/{}/**'],
    ['/docs/', '/docs'],
    ['/', '/'],
    ['/{x}', '/{}'],
    ['/Caf%C3%89', foldPath('/Caf%C3%89')],
  ])('folds %s to %s', (text, folded) => {
    expect(patternKey(foldPattern(pattern(text)))).toBe(folded);
  });
});
