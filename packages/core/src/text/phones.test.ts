import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { phonesIn } from './phones.ts';

const SIGNS = ['0', '1', '49', '2125550198', '+', '-', '(', ')', ' ', '.', 'x', '٣'];
const count = (text: string): number => phonesIn(text, Infinity).length;

describe('WK3: telephone numbers are counted, of any country', () => {
  it.each([
    ['Germany', '+49 30 901820'],
    ['the United Kingdom', '+44 20 7946 0958'],
    ['with a trunk 0 in brackets', '+44 (0)20 7946 0958'],
    ['France', '01 23 45 67 89'],
    ['France, with dots', '01.23.45.67.89'],
    ['North America', '(212) 555-0198'],
    ['North America, with dashes', '212-555-0198'],
    ['North America, bare', 'call 2125550198'],
    ['North America, with its 1', '1-212-555-0198'],
    ['Brazil', '(11) 91234-5678'],
    ['India', '98765 43210'],
    ['China', '13812345678'],
    ['Korea', '010-1234-5678'],
    ['Russia', '8 495 123-45-67'],
    ['Turkey', '532 123 45 67'],
    ['Australia', '0412 345 678'],
    ['Malta', '+356 2122 2222'],
    ['two zeros for the plus', '0041 44 668 18 00'],
    ['from North America to another country', '011 49 30 901820'],
    ['a satellite', '+870 773 123 456'],
    ['a plus with a blank', '+ 49 30 901820'],
    ['a link', 'tel:+49-30-901820'],
    ['full-width digits', '＋４９ ３０ ９０１８２０'],
    ['Arabic digits', 'هاتف ٠١٢٣٤٥٦٧٨٩'],
    ['Devanagari digits', '९८७६५ ४३२१०'],
    ['other dashes', '212–555—0198'],
    ['unbreakable blanks', '212\u00a0555\u202f0198'],
    ['invisible characters', '212\u200b555\u20600198'],
    ['short, after a word for it', 'my phone is 82 29 21 07'],
    ['in another language', 'Телефон: 66 66 18 25'],
    ['after a sign for it', '☎ 555-0198'],
  ])('%s', (_, text) => {
    expect(count(text)).toBe(1);
  });

  it.each([
    ['blanks', '2125550198 2125550199 2125550197 2125550196'],
    ['blanks between groups', '212 555 0198 212 555 0199 212 555 0197 212 555 0196'],
    ['a plus', '+49301234567+49301234568+49301234569+49301234560'],
    ['commas', '01 23 45 67 89,01 23 45 67 88,01 23 45 67 87,01 23 45 67 86'],
    ['slashes', '+49 30 901820/+49 30 901821/+49 30 901822/+49 30 901823'],
  ])('four between %s', (_, text) => {
    expect(count(text)).toBe(4);
  });
});

describe('what is no telephone number is not counted', () => {
  it.each([
    ['dates', '2024-11-22, 22.11.2024, 22/11/2024 and 01-02-2024 1030'],
    ['moments', '2024-11-22T12:30:00.000Z and 1732278600000'],
    ['cards', '4111 1111 1111 1111, 378282246310005'],
    ['accounts', 'NL91 ABNA 0417 1643 00, DE89 3704 0044 0532 0130 00'],
    ['addresses', '192.168.100.12 and 10.0.0.1'],
    ['numbers of people', '078-05-1120'],
    ['amounts', '$1234567890, € 0123456789, =2125550198'],
    ['parts of names', 'abc2125550198, 2125550198def, item-2125550198, a/2125550198'],
    ['parts of rows', '12-212-555-0198-77'],
    ['addresses of machines', '01-23-45-67-89-AB'],
    ['identifiers', '9f3c71ab-2125-5501-98de-48b1a6c05d7e'],
    ['an unknown country', '+999 12 345 678'],
    ['too short for its country', '+49 30'],
    ['too long', '+4930123456789012345678'],
    ['decimals', '3.14159265358979'],
    ['few digits', '12 34 56'],
    ['none', 'call me'],
  ])('%s', (_, text) => {
    expect(phonesIn(text, Infinity)).toEqual([]);
  });
});

describe('counting', () => {
  it('stops after one too many, and shows what it saw', () => {
    expect(phonesIn('+49 30 901820, +49 30 901821, +49 30 901822', 1)).toEqual(['49 30 901820', '49 30 901821']);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SIGNS)), (signs) => {
        expect(count(signs.join(''))).toBeLessThanOrEqual(signs.length);
      }),
    );
  });
});
