import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { base64Octets } from './escapes.ts';
import { percentDecoded } from './percent.ts';
import { textBits } from './text-bits.ts';
import { readingsOf } from './views.ts';

const texts = (value: string): readonly string[] =>
  readingsOf(value).flatMap(({ views }) => views.map(({ text }) => text));

describe('readings of a value', () => {
  it.each([
    ['%253Cscript%253E', '<script>'],
    ['%u003cscript%u003e', '<script>'],
    ['%uff1cscript%uff1e', '<script>'],
    [String.raw`\u003cscript\x3e`, '<script>'],
    [String.raw`\u{3c}script\x{3e}`, '<script>'],
    ['&lt;script&#62;', '<script>'],
    ['&#x003Cscript&gt', '<script>'],
    ['&#0000000060script&#000062;', '<script>'],
    ['+ADw-script+AD4-', '<script>'],
    ['＜ｓｃｒｉｐｔ＞', '<script>'],
    ['ЅЕLЕСТ'.toLowerCase(), 'ѕеlест'.normalize('NFKC').replaceAll('ѕ', 's').replaceAll('е', 'e').replaceAll('с', 'c')],
    ['sc\u200bript', 'script'],
    ['%c0%ae%c0%ae%c0%af', '../'],
    ['%e0%80%ae%e0%80%ae/', '../'],
    ['%fc%80%80%80%80%ae./', '../'],
    ['%c0%2e%c0.%c1%5c', '..\\'],
    ['%%32%65%%32%65/', '../'],
    ['un/**/ion', 'union'],
    ['union/**/select', 'union select'],
    ['/*!50000union*/ select', ' union select'],
    ['c\'a\'t /e"t"c', 'cat /etc'],
    ['cat$IFS/etc', 'cat /etc'],
    ['cat${IFS}/etc', 'cat /etc'],
    ["'a'+'lert'", 'alert'],
    ['${${lower:j}ndi:x}', '${jndi:x}'],
    ['${${::-j}${env:NO:-n}di:x}', '${jndi:x}'],
    ['java\nscript:', 'javascript:'],
    ['d\to\n c\r\n:', 'doc:'],
    ['PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==', '<script>alert(1)</script>'],
    ['x PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg y', '<script>alert(1)</script>'],
    ['data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==', '<script>alert(1)</script>'],
    ['UEhOamNtbHdkRDVoYkdWeWRDZ3hLVHd2YzJOeWFYQjBQZz09', '<script>alert(1)</script>'],
    ['SELECT\0 1', 'select 1'],
  ])('%j is read as %j, too', (value, reading) => {
    expect(texts(value)).toContain(reading);
  });

  it('what decodes to no text is no reading: ids and digests are left alone', () => {
    expect(readingsOf('9f86d081884c7d659a2feaa0c55ad015')).toHaveLength(1);
    expect(readingsOf('dGVz')).toHaveLength(1);
  });

  it.each([
    ['100%'],
    ['%zz'],
    ['%u12'],
    [String.raw`c:\users\x`],
    ['&nosuch;'],
    ['&#x110000;'],
    [String.raw`\u{}`],
    ['+A-'],
  ])('what is no encoding stays: %j', (value) => {
    expect(readingsOf(value)[0]?.decoded).toBe(value);
  });

  it('never throws, and knows no text without a reading', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.base64String(), fc.webUrl()), (value) => {
        expect(texts(value).length).toBeGreaterThan(0);
      }),
    );
  });

  it('undoes any number of encodings up to eight', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), (rounds) => {
        let value = '<a>';
        for (let round = 0; round < rounds; round += 1) value = encodeAll(value);
        expect(readingsOf(value)[0]?.decoded).toBe('<a>');
      }),
    );
  });
});

function encodeAll(text: string): string {
  return text.replaceAll(/[^a-z0-9]/g, (it) => `%${it.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

describe('percent decoding', () => {
  it('gives back what encodeURIComponent was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(percentDecoded(encodeURIComponent(text))).toBe(text);
      }),
    );
  });

  it('takes octets that are no UTF-8 for Latin-1', () => {
    expect(percentDecoded('%ff%fe%80%c3')).toBe('\u00ff\u00fe\u0080\u00c3');
    expect(percentDecoded('%fd%bf%bf%bf%bf%bf')).toHaveLength(6);
  });
});

describe('small parts', () => {
  it('Base64 ends at the first character that is none of it', () => {
    expect([...base64Octets('YWJj!YWJj')]).toEqual([97, 98, 99]);
  });

  it('letters and digits have no bits', () => {
    expect(textBits('Abc-1.2_x')).toBe(0);
    expect(textBits('a b') & textBits('é')).toBe(0);
  });
});
