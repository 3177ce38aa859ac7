import { describe, expect, it } from 'vitest';

import { costs, filled, isLinear } from '../../test/cost.ts';
import { phonesIn } from './phones.ts';
import { urlsIn } from './urls.ts';

const SEEDS = [
  'a. A. . a- a@ a: a:// p:// // :/ http:// www. a.com- xn-- [.] é. 例。 ﷺ \u200b \u0301 ( % 1 12-34- +1'.split(' '),
  [
    'a.com ',
    '[ ',
    'dot ',
    ' dot ',
    'a dot ',
    ' ',
    '1 ',
    '0 ',
    '+ 1 ',
    '123-45-6 ',
    '+49 30 901820 ',
    '(1) ',
    '٣ ',
    'tel 1 ',
  ],
].flat();

/** What anybody can send must cost in proportion to its length. */
describe.each(SEEDS)('%s, over and over', (seed) => {
  it('is searched in linear time', () => {
    for (const search of [urlsIn, phonesIn]) {
      expect(costs((length) => search(filled(seed, length), Infinity))).toSatisfy(isLinear);
    }
  });
});
