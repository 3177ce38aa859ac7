import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson } from './exact.ts';

const again = (text: string): string => JSON.stringify(parseExactJson(text));

test.each([
  '{"id":9007199254740993,"n":[123456789012345678901234567890]}',
  '[0.12345678901234567890,1e400,{"a":-12345678901234567890.5}]',
  '["12345678901234567890",1,true,null,{"__proto__":1}]',
])('%s is written as it stood', (text) => {
  expect(again(text)).toBe(text);
});

test('a number that a double holds stays a number, an integer in its one spelling', () => {
  expect(again('[1e2,10.0e0,-0,100]')).toBe('[100,10,0,100]');
  expect(parseExactJson('[1,2.5,"12345678901234567890"]')).toEqual([1, 2.5, '12345678901234567890']);
});

test('what JSON can say is written as JSON would, whatever the numbers', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(again(text)).toBe(text);
    }),
  );
});
