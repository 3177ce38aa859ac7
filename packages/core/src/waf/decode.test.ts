import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { base64Texts } from './base64.ts';
import { decoded } from './decode.ts';
import { base64Octets, entitiesDecoded, escapesDecoded, isAlphabet, utf7Decoded } from './escapes.ts';
import { folded } from './fold.ts';
import { hexValue, percentDecoded } from './percent.ts';
import { BIT, textBits } from './text-bits.ts';

const fold = (text: string): string => folded(text, textBits(text));

describe('percent decoding', () => {
  it.each([
    ['a%41%7a', 'aAz'],
    ['%U003c', '<'],
    ['%c3%a9', 'é'],
    ['%e2%82%ac', '€'],
    ['%f0%9f%98%80', '😀'],
    ['%c0%af', '/'],
    ['%e0%80%af', '/'],
    ['%f0%80%80%af', '/'],
    ['%f8%80%80%80%af', '/'],
    ['%fc%80%80%80%80%af', '/'],
    ['%c1%1c', '\\'],
    ['%c0%41', 'A'],
    ['%c0A', 'A'],
    ['%c0', '\u00c0'],
    ['%c2%41', '\u00c2A'],
    ['%f7%bf%bf%bf', '\u00f7\u00bf\u00bf\u00bf'],
    ['%80', '\u0080'],
  ])('reads %s as %j, as the laxest server would', (text, expected) => {
    expect(percentDecoded(text)).toBe(expected);
  });

  it.each(['', '%', '%4', '%g1', '%1g', '%u00', '%u00zz', 'no encoding'])('keeps %j, which encodes nothing', (text) => {
    expect(percentDecoded(text)).toBe(text);
  });

  it('gives a value of hexadecimal digits, or -1 where one is none', () => {
    expect(hexValue('09aFzz', 0, 4)).toBe(0x09af);
    expect(hexValue('09aFzz', 1, 4)).toBe(-1);
    expect(hexValue('f', 0, 2)).toBe(-1);
  });
});

describe('escapes of scripts', () => {
  it.each([
    [String.raw`\u0041\x42\u{43}\x{44}`, 'ABCD'],
    [String.raw`a\u{1F600}b`, 'a😀b'],
    [String.raw`\\u0041`, '\\A'],
    [String.raw`\u{00000041}`, 'A'],
  ])('reads %s as %j', (text, expected) => {
    expect(escapesDecoded(text)).toBe(expected);
  });

  it.each([
    String.raw`\n\d`,
    String.raw`\u00g0`,
    String.raw`\x4`,
    String.raw`\u{110000}`,
    String.raw`\u{zz}`,
    String.raw`\u{000000041}`,
    '\\',
  ])('keeps %s, which is no escape of a character', (text) => {
    expect(escapesDecoded(text)).toBe(text);
  });
});

describe('character references', () => {
  it.each([
    ['&lt;&GT;&amp;&quot;&apos;', `<>&"'`],
    ['&#60&#x3c;&#X3C', '<<<'],
    ['&colon;&lpar;&NewLine;&Tab;&zwj;', ':(\n\t'],
    ['&lt script', '< script'],
    ['&ampx;&lt=', '&ampx;&lt='],
    ['&nosuch;&#;&#x;', '&nosuch;&#;&#x;'],
    ['&#1114112;&#x110000;', '&#1114112;&#x110000;'],
  ])('reads %s as %j, as browsers do', (text, expected) => {
    expect(entitiesDecoded(text)).toBe(expected);
  });
});

describe('UTF-7', () => {
  it.each([
    ['+ADw-', '<'],
    ['+ADwAPg-', '<>'],
    ['x+ADw-y+AD4-z', 'x<y>z'],
    ['+AOk-', '+AOk-'],
    ['+AAA-', '+AAA-'],
    ['1+A', '1+A'],
  ])('reads %s as %j: only ASCII, which markup is made of', (text, expected) => {
    expect(utf7Decoded(text)).toBe(expected);
  });
});

describe('decoding until nothing changes', () => {
  it.each([
    ['%26lt%3b', '<'],
    [String.raw`\u0025%33%63`, '%3c'.replace('%3c', '<')],
    ['&#37;3c', '<'],
    ['%2BADw-', '<'],
    ['1+1', '1+1'],
  ])('%s, mixed encodings, is read as %j', (text, expected) => {
    const result = decoded(text, textBits(text));
    expect(result).toEqual({ text: expected, bits: textBits(expected) });
  });

  it('stops after eight rounds, so that a nested value costs no more', () => {
    const nested = (rounds: number): string => `%${'25'.repeat(rounds)}3c`;
    expect(decoded(nested(7), BIT.percent).text).toBe('<');
    expect(decoded(nested(12), BIT.percent).text).not.toBe('<');
  });
});

describe('Base64', () => {
  it.each([
    ['PHNjcmlwdD4=', ['<script>']],
    ['PHNjcmlwdD4', ['<script>']],
    ['Pz8_Pj4-Pz8_', ['???>>>???']],
    ['id:PHNjcmlwdD5hbGVydA== and PHNjcmlwdD5hbGVydB', ['<script>alert', '<script>alert']],
    ['data:;base64,PHNjcmlwdD4=', ['<script>']],
    ['short', []],
    ['d41d8cd98f00b204e9800998ecf8427e', []],
    ['8JCNiPCQjYjwkI2I8JCNiA==', []],
    ['a few plain words only', []],
  ])('%s carries %j', (value, expected) => {
    expect(base64Texts(value)).toEqual(expected);
  });

  it('is no text where only its beginning is', () => {
    const octets = `${'a'.repeat(192)}${'\u00ff'.repeat(600)}`;
    expect(base64Texts(btoa(octets))).toEqual([]);
    expect(base64Texts(btoa('a'.repeat(9000)))).toEqual(['a'.repeat(9000)]);
  });

  it('is looked for in at most 32 runs', () => {
    expect(base64Texts(Array.from({ length: 40 }, () => 'PHNjcmlwdD5hbGVydA').join(' '))).toHaveLength(32);
  });

  it.each([
    ['3c7363726970743e', ['<script>']],
    ['0x3c7363726970743e', ['<script>']],
    ['3C7363726970743E', ['<script>']],
    ['x=0x3c7363726970743e3c', ['<script><']],
    ['3c73', []],
    ['9f86d081884c7d659a2feaa0c55ad015', []],
    ['aQBlAHgAIAAoAHgAKQA=', ['iex (x)']],
    ['4oCLPHNjcmlwdD7Dqe+8nA==', ['\u200b<script>é＜']],
  ])('hexadecimal digits, UTF-16 and UTF-8: %s carries %j', (value, expected) => {
    expect(base64Texts(value)).toEqual(expected);
  });

  it('gives back the octets of any text, URL-safe or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), (octets) => {
        const text = btoa(String.fromCharCode(...octets));
        expect(base64Octets(text)).toEqual(octets);
        expect(base64Octets(text.replaceAll('+', '-').replaceAll('/', '_'))).toEqual(octets);
      }),
    );
  });

  it('is written in its alphabet alone', () => {
    expect(Array.from('Az09+/-_').every((it) => isAlphabet(it.charCodeAt(0)))).toBe(true);
    expect(Array.from('= .é\u0100').some((it) => isAlphabet(it.charCodeAt(0)))).toBe(false);
  });
});

describe('folding', () => {
  it.each([
    ['SELECT', 'select'],
    ['ＳＥＬＥＣＴ', 'select'],
    ['ſeleсt', 'select'],
    ['ʼ or ′', "' or '"],
    ['a\u202eb\u00adc', 'abc'],
    ['a\t\t b', 'a b'],
    ['a\r\n \n b', 'a\nb'],
    ['a\0b', 'ab'],
    ['a\u00a0b\u3000\u3000c', 'a b c'],
    ['a  b', 'a b'],
  ])('%j is read as %j', (text, expected) => {
    expect(fold(text)).toBe(expected);
  });
});

const ANY = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc
    .array(fc.constantFrom('%', '%u', '\\u', '\\x{', '&#', '&lt', '+A', '-', ';', '}', '25', '3c', 'c0', 'é', '\0'))
    .map((parts) => parts.join('')),
);

describe('every decoder', () => {
  it.each([percentDecoded, escapesDecoded, entitiesDecoded, utf7Decoded])(
    '%o never throws, nor makes a text longer',
    (decode) => {
      fc.assert(
        fc.property(ANY, (text) => {
          expect(decode(text).length).toBeLessThanOrEqual(text.length);
        }),
      );
    },
  );

  it('decodes to what has no further reading, or gives up after its rounds', () => {
    fc.assert(
      fc.property(ANY, (text) => {
        const result = decoded(text, textBits(text));
        expect(result.bits).toBe(textBits(result.text));
        expect(base64Texts(text).length).toBeLessThanOrEqual(32);
        expect(fold(fold(text))).toBeTypeOf('string');
      }),
    );
  });
});
