import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath, foldPath, foldSegments } from './path.ts';

function pathOf(raw: string): string {
  const result = canonicalPath(raw);
  return result.ok ? result.path : `refused: ${result.rule}`;
}

const encoded = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

describe('canonicalPath', () => {
  it.each([
    ['/', '/'],
    ['/api/chats/1', '/api/chats/1'],
    ['/api/chats/', '/api/chats/'],
    ['/%61%70%69', '/api'],
    ['/%41%7e%2D%5f%2e%39', '/A~-_.9'],
    ['/a%3ab%c3%a9', '/a%3Ab%C3%A9'],
    ['/a;v=1/b', '/a;v=1/b'],
    ["/!$&'()*+,;=:@", "/!$&'()*+,;=:@"],
    ['/./a', '/a'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['/a/b/../c', '/a/c'],
    ['/a/b/..', '/a/'],
    ['/a/%2e%2E/b', '/b'],
    ['/.well-known/x', '/.well-known/x'],
    ['/...', '/...'],
    ['/a/..b/.c', '/a/..b/.c'],
    ['/100%25', '/100%25'],
    ['/100%25zz', '/100%25zz'],
    ['/%e2%82%ac/%F0%9F%98%80', '/%E2%82%AC/%F0%9F%98%80'],
    ['/%20a', '/%20a'],
    ['/%3f%23', '/%3F%23'],
  ])('spells %s as %s', (raw, path) => {
    expect(pathOf(raw)).toBe(path);
  });

  it.each([
    ['', 'path-relative'],
    ['api', 'path-relative'],
    ['*', 'path-relative'],
    ['http://x/', 'path-relative'],
    ['%2Fapi', 'path-relative'],
    ['//', 'path-empty-segment'],
    ['//evil.example/x', 'path-empty-segment'],
    ['/a//b', 'path-empty-segment'],
    ['/a//', 'path-empty-segment'],
    ['/a/.//b', 'path-empty-segment'],
    ['/a/%2e%2e//b', 'path-empty-segment'],
    ['/..', 'path-above-root'],
    ['/../a', 'path-above-root'],
    ['/a/../../b', 'path-above-root'],
    ['/%2e%2e/a', 'path-above-root'],
    ['/a\\b', 'path-backslash'],
    ['/\\evil.example', 'path-backslash'],
    ['/a%5Cb', 'path-encoded-separator'],
    ['/a%5cb', 'path-encoded-separator'],
    ['/a%2Fb', 'path-encoded-separator'],
    ['/a%2fb', 'path-encoded-separator'],
    ['/a%00', 'path-encoded-control'],
    ['/a%0d%0ab', 'path-encoded-control'],
    ['/a%1F', 'path-encoded-control'],
    ['/a%7f', 'path-encoded-control'],
    ['/a%252e', 'path-double-encoding'],
    ['/a%25%32%65', 'path-double-encoding'],
    ['/a%25252e', 'path-double-encoding'],
    ['/a%252F', 'path-double-encoding'],
    ['/a%25%2525', 'path-double-encoding'],
    ['/a%25u002f', 'path-double-encoding'],
    ['/a%25%55002f', 'path-double-encoding'],
    ['/a%', 'path-percent'],
    ['/a%2', 'path-percent'],
    ['/a%zz', 'path-percent'],
    ['/a%u002f', 'path-percent'],
    ['/a%2%35', 'path-percent'],
    ['/a%1g', 'path-percent'],
    ['/a%c0%af', 'path-utf8'],
    ['/a%c1%81', 'path-utf8'],
    ['/a%e0%80%af', 'path-utf8'],
    ['/a%f0%80%80%af', 'path-utf8'],
    ['/a%ed%a0%80', 'path-utf8'],
    ['/a%f4%90%80%80', 'path-utf8'],
    ['/a%f8%88%80%80%80', 'path-utf8'],
    ['/a%80', 'path-utf8'],
    ['/a%c3', 'path-utf8'],
    ['/a%c3a', 'path-utf8'],
    ['/a%e2%82', 'path-utf8'],
    ['/a%e2%82/ac', 'path-utf8'],
    ['/a%ff', 'path-utf8'],
    ['/a/..;/b', 'path-dot-segment-disguised'],
    ['/a/..;x=1/b', 'path-dot-segment-disguised'],
    ['/a/.;/b', 'path-dot-segment-disguised'],
    ['/a/%2e%2e;/b', 'path-dot-segment-disguised'],
    ['/a/..%3b/b', 'path-dot-segment-disguised'],
    ['/a/..%20/b', 'path-dot-segment-disguised'],
    ['/a/%20../b', 'path-dot-segment-disguised'],
    ['/a/%C2%A0..', 'path-dot-segment-disguised'],
    ['/a/%EF%BC%8E%EF%BC%8E/b', 'path-dot-segment-disguised'],
    ['/a/%E2%80%8B../b', 'path-dot-segment-disguised'],
    ['/a/x%EF%BC%8F..%EF%BC%8F../b', 'path-dot-segment-disguised'],
    ['/a/x%EF%BC%BC../b', 'path-dot-segment-disguised'],
    ['/a/..%3Fx/b', 'path-dot-segment-disguised'],
    ['/a b', 'path-character'],
    ['/a\tb', 'path-character'],
    ['/a\u0000', 'path-character'],
    ['/a"', 'path-character'],
    ['/<a>', 'path-character'],
    ['/a^', 'path-character'],
    ['/a`', 'path-character'],
    ['/{a}', 'path-character'],
    ['/a|b', 'path-character'],
    ['/[a]', 'path-character'],
    ['/a?b', 'path-character'],
    ['/a#b', 'path-character'],
    ['/caf\u00e9', 'path-character'],
    ['/a\u212a', 'path-character'],
    ['/a\u007f', 'path-character'],
  ])('T9: refuses %j by %s', (raw, rule) => {
    expect(canonicalPath(raw)).toEqual({ ok: false, rule });
  });

  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom('/', '.', '%', '2', 'e', 'E', 'F', '5', 'c', '0', ';', 'a', '%2e', '%25', '%C3%A9', '\\'),
    }),
  );

  it('is idempotent, and what it spells has one reading', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const result = canonicalPath(`/${text}`);
        if (!result.ok) return;
        expect(canonicalPath(result.path)).toEqual(result);
        expect(result.path).toMatch(/^\/[\w\-.~!$&'()*+,;=:@%/]*$/);
        expect(result.path).not.toMatch(/\/\/|\/\.\.?(\/|;|$)|%2F|%5C|%00|%25[\dA-F]{2}|%[\dA-F]?[a-f]|%4[1-9A-F]/);
        expect(() => decodeURIComponent(result.path)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  it('spells every encoding of the same unreserved characters alike', () => {
    const unreserved = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', 'X', 'Y', 'Z', '0', '1', '9', '-', '_', '~'),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(unreserved, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.boolean()),
        (segments, coins) => {
          const plain = `/${segments.join('/')}`;
          const mixed = plain.replace(/[^/]/g, (character) =>
            coins.next().value === true ? encoded(character) : character,
          );
          expect(pathOf(mixed)).toBe(plain);
        },
      ),
    );
  });

  it.each([
    ['dots', '/a/..'.repeat(13_000)],
    ['percent signs', `/${'%25'.repeat(21_000)}`],
    ['nested encodings', `/%${'25'.repeat(32_000)}`],
    ['broken UTF-8', `/${'%e2%82'.repeat(10_000)}`],
    ['slashes', '/'.repeat(65_536)],
    ['blanks', `/${'%20'.repeat(21_000)}a`],
    ['raw Unicode', `/${'\ud800\u{1f600}'.repeat(20_000)}`],
  ])('answers 64 KB of %s at once, folding too', (_, raw) => {
    const result = canonicalPath(raw);
    expect(typeof result.ok).toBe('boolean');
    expect(foldPath(raw)).toMatch(/^\//);
  });
});

// Spellings of the denied prefix `/internal/**` by which servers somewhere have been passed.
const SPELLINGS_OF_DENIED = [
  '/internal/x',
  '/internal',
  '/internal/',
  '/Internal/x',
  '/INTERNAL/x',
  '/%69nternal/x',
  '/%49NTERNAL/x',
  '/internal%2fx',
  '//internal/x',
  '/internal//x',
  '/./internal/x',
  '/a/../internal/x',
  '/a/%2e%2e/internal/x',
  '/a/..%2finternal/x',
  '/a/..;/internal/x',
  '/;/internal/x',
  '/internal;/x',
  '/internal;a=b/x',
  '/internal;a;b/x',
  '/internal%3b/x',
  '/internal%3Ba=b/x',
  '/internal%20/x',
  '/%20internal/x',
  '/internal%09/x',
  '/internal./x',
  '/internal../x',
  '/internal%2e/x',
  '/internal%2e%20/x',
  '/internal%00/x',
  '/internal%00.html',
  '/internal\\x',
  '/\\internal/x',
  '/internal%5cx',
  '/%5cinternal/x',
  '/a\\..\\internal/x',
  '/%2569nternal/x',
  '/%252e/internal/x',
  '/internal%252fx',
  '/%25%36%39nternal/x',
  '/internal?/x',
  '/internal%3f/x',
  '/internal%23/x',
  '/internal#/x',
  '/../internal/x',
  '/internal/./x',
  '/internal/y/../x',
  '/%c0%afinternal/x',
  '/internal%c0%af/x',
  '/internal%0a/x',
  '/%ef%bd%89nternal/x',
  '/%c4%b1nternal/x',
  '/i%cc%81nternal/x',
  '/inter%e2%80%8bnal/x',
  '/internal%c2%a0/x',
  '/%ef%bc%8finternal/x',
  'http://app.example/internal/x',
  '/%u0069nternal/x',
  '/internal%e2%80%8b/x',
  '/internal%c2%ad/x',
  '/%c4%b0nternal/x',
  '/internal/%2e',
];

it.each(SPELLINGS_OF_DENIED)('T9: %j is refused or folds to the denied prefix', (raw) => {
  const result = canonicalPath(raw);
  expect(result.ok ? foldPath(result.path) : '/internal').toMatch(/^\/internal(\/|$)/);
});

describe('foldPath', () => {
  it.each([
    ['/', '/'],
    ['/api/chats', '/api/chats'],
    ['/api/chats/', '/api/chats'],
    ['/API/Chats', '/api/chats'],
    ['/api;x/chats;y=/z', '/api/chats/z'],
    ['/a%2520b', '/a b'],
    ['/a.../b', '/a/b'],
    ['/a/.../b', '/a/b'],
    ['/a/..;/b', '/b'],
    ['/a/../../b', '/b'],
    ['/a/../b', '/b'],
    ['/a/.;x/b', '/a/b'],
    ['/a.', '/a'],
    ['/.env', '/.env'],
    ['/a\\b', '/a/b'],
    ['/a%3F/b', '/a'],
    ['/a%ff', '/ay'],
    ['/caf%C3%A9', '/cafe'],
    ['/%EF%BC%A1', '/a'],
    ['/stra%C3%9Fe', '/strasse'],
    ['/a%zz', '/a%zz'],
    ['relative', '/relative'],
    ['', '/'],
  ])('folds %s to %j', (path, folded) => {
    expect(foldPath(path)).toBe(folded);
  });

  it('never throws, and changes nothing that is folded', () => {
    const paths = fc.string({
      unit: fc.constantFrom('/', '.', ';', '%', '2', 'e', 'E', 'a', '%20', '%C3%A9', '%3B', '\\'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(paths, (text) => {
        const result = canonicalPath(`/${text}`);
        if (!result.ok) return;
        const folded = foldPath(result.path);
        expect(foldPath(folded)).toBe(folded);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldPath(text)).toMatch(/^\//);
      }),
    );
  });
});

describe('foldSegments', () => {
  it.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/A/B/', '/a/b'],
    ['/a/;x/b', '/a/;x/b'],
    ['/A;x/%20/B.', '/a/%20/b'],
    ['/a/b%3Fc', '/a/b?c'],
    ['/a/x%EF%BC%8Fy', '/a/x_y'],
  ])('T9: reads %s as %s, with every segment in its place', (path, folded) => {
    expect(foldSegments(path)).toBe(folded);
  });

  it('T9: keeps the number of segments of every canonical path', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: false }), fc.constantFrom('', '/;', '/%20', '/...'), (url, rest) => {
        const result = canonicalPath(new URL(url).pathname.replace(/\/$/, '') + rest);
        if (!result.ok || result.path === '/') return;
        const count = (path: string): number => path.replace(/\/$/, '').split('/').length;
        expect(count(foldSegments(result.path))).toBe(count(result.path));
      }),
    );
  });
});
