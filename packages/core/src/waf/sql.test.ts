import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SQL_DETECTOR } from './sql-detector.ts';
import { sqlShape } from './sql-tokens.ts';

describe('the shape of SQL', () => {
  it.each([
    ['1 or 1=1', 'noncn'],
    ['a and not b', 'boob'],
    ['union all select f(1), g (2) from t', 'uwkf(n),f(n)wb'],
    ['x /* c */ y', 'bb'],
    ['x /*!50000or*/ y', 'boppb'],
    ['x /* open', 'bx'],
    ['1 -- c\n2 # d', 'nxnx'],
    ['0x1f 0b1 1.5e3 .5 1.', 'nnnnn'],
    ["'a' \"b\" `c` '12' 'open", 'sssnq'],
    ["'it''s' 'a\\'b'", 'ss'],
    ['@@version @a @`b c` @', 'vvvv'],
    ['a<=>b a->>b a||b a::b', 'bcbbcbbobbcb'],
    ['1+2*3 !x {a}[b]:c.d;', 'npnpn!b{b}[b]:b.b;'],
    ['\u0001 \u007f', '__'],
    ['', ''],
  ])('%j is %j', (text, expected) => {
    expect(sqlShape(text, '')).toBe(expected);
  });

  it.each([
    ["a' or 1=1", 'soncn'],
    ["it''s' or 1", 'son'],
    ["' or 1", 'son'],
    ["a\\' b' or 1", 'son'],
    ["a'", 's'],
    ['no quote at all', 's'],
  ])('%j is %j after a string that was open', (text, expected) => {
    expect(sqlShape(text, "'")).toBe(expected);
  });

  it('ends after few tokens, and after 512 where a SELECT may stand within', () => {
    expect(sqlShape('1,'.repeat(1000), '')).toHaveLength(40);
    expect(sqlShape(`select ${'1,'.repeat(1000)}`, '')).toHaveLength(512);
  });

  it('of any text is made without throwing', () => {
    const pieces = fc.constantFrom(
      "'",
      '"',
      '`',
      '\\',
      '--',
      '#',
      '/*',
      '*/',
      '/*!5',
      '@',
      '1',
      'a',
      ' ',
      '(',
      'select',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((it) => it.join('')),
        ),
        (text) => {
          for (const quote of ['', "'", '"', '`'] as const)
            expect(sqlShape(text, quote)).toMatch(/^[snbocpfkwxvuq_!(),;.{}[\]:]*$/);
        },
      ),
    );
  });

  it.each(["'", "\\'", "''", '/*', '/**/', '/*!', '--', '#\n', '(', 'a', 'select ', '1', '@', '@`', ' '])(
    'reads 200 000 characters of %j in no more than linear time',
    (piece) => {
      const text = piece.repeat(Math.floor(200_000 / piece.length));
      const startMs = performance.now();
      SQL_DETECTOR.detect(text);
      expect(performance.now() - startMs).toBeLessThan(2000);
    },
  );
});

describe('WK15: SQL is found by its shape', () => {
  it.each([
    ["x' or 1=1 --", 'sqli-string-logic'],
    ["admin'--", 'sqli-string-comment'],
    ['x" union select 1', 'sqli-string-union'],
    ["x'; drop table t", 'sqli-string-statement'],
    ["x' order by 3", 'sqli-string-clause'],
    ["x'+sleep(5)", 'sqli-string-joined'],
    ["x'='x", 'sqli-string-compared'],
    ["x'+'y'+'", 'sqli-string-arithmetic'],
    ['1 or a=b', 'sqli-number-logic'],
    ['1 or 1', 'sqli-number-truth'],
    ['1 or sleep(5)', 'sqli-number-call'],
    ['1 union select 2', 'sqli-number-union'],
    ['1; drop table t', 'sqli-number-statement'],
    ['1)--', 'sqli-number-comment'],
    ['1 order by 3', 'sqli-number-clause'],
    ['1=1--', 'sqli-compared'],
    ['x,(select a from b)', 'sqli-subselect'],
  ])('%j by %s', (text, rule) => {
    expect(SQL_DETECTOR.detect(text)?.rule).toBe(rule);
  });

  it.each(["o'brien", 'salt and pepper', '12', "it's a dog's life", 'select a plan', 'a -- b', ''])(
    '%j is none',
    (text) => {
      expect(SQL_DETECTOR.detect(text)).toBeUndefined();
    },
  );

  it('a phrase before the quote is no name: a lone comment after it says nothing', () => {
    expect(SQL_DETECTOR.detect('the 5" -- ')).toBeUndefined();
    expect(SQL_DETECTOR.detect('the 5" union select 1')?.rule).toBe('sqli-string-union');
  });

  it('keeps at most 200 characters as evidence', () => {
    expect(SQL_DETECTOR.detect(`1 or 1=1 ${'x'.repeat(500)}`)?.evidence).toHaveLength(200);
  });
});
