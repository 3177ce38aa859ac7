import { expect, it } from 'vitest';

import type { Rule } from './rule.ts';
import { testRules } from './rule-tests.ts';
import { WAF_DETECTORS, WAF_RULES } from './rules.ts';

it('WK15: every rule that ships finds its attacks and passes its harmless ones', () => {
  const tests = testRules(WAF_RULES, WAF_DETECTORS);
  expect(tests).toHaveLength(WAF_RULES.length);
  expect(tests.flatMap(({ rule, failures }) => failures.map((failure) => ({ rule, ...failure })))).toEqual([]);
  expect(tests.every(({ examples }) => examples >= 2)).toBe(true);
});

it('says which examples a broken rule judges wrongly', () => {
  const rule: Rule = {
    id: 'r',
    cls: 'xss',
    score: 5,
    reason: 'why',
    literals: ['abc'],
    pattern: /abc/,
    fields: ['header'],
    attacks: ['abc', 'abd'],
    harmless: ['xyz', '-abc-'],
  };
  expect(testRules([rule], [])).toEqual([
    {
      rule: 'r',
      cls: 'xss',
      score: 5,
      reason: 'why',
      examples: 4,
      failures: [
        { example: 'abd', expected: 'found' },
        { example: '-abc-', expected: 'passed' },
      ],
    },
  ]);
});
