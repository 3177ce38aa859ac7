import { describe, expect, it } from 'vitest';

import { valueInspector } from './inspect-value.ts';
import { patternCost } from './pattern-cost.ts';
import { ATTACK_CLASSES, type FieldKind } from './rule.ts';
import { WAF_DETECTORS, WAF_RULES } from './rules.ts';

const inspector = valueInspector(WAF_RULES, WAF_DETECTORS);

function found(id: string, value: string, fields: readonly FieldKind[] = ['query']): boolean {
  return inspector.hits(value, fields[0] ?? 'query').some(({ rule }) => rule === id);
}

describe.each(WAF_RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  it.each(rule.attacks.map((value) => [value]))('finds %j', (value) => {
    expect(found(id, value, rule.fields)).toBe(true);
  });

  it.each(rule.harmless.map((value) => [value]))('passes %j', (value) => {
    expect(found(id, value, rule.fields)).toBe(false);
  });

  it('repeats nothing without bound, so that its search is linear', () => {
    for (const pattern of [rule.pattern, rule.unless ?? /x/]) {
      expect(patternCost(pattern).ways).toBeLessThan(Infinity);
      expect(pattern.flags).not.toMatch(/[gy]/);
    }
  });

  it('can be told apart, and is looked for by literals in lower case', () => {
    expect(WAF_RULES.filter((other) => other.id === id)).toHaveLength(1);
    expect(ATTACK_CLASSES).toContain(rule.cls);
    expect(rule.literals.length).toBeGreaterThan(0);
    expect(rule.literals.map((literal) => literal.toLowerCase())).toEqual(rule.literals);
    expect(rule.attacks.length * rule.harmless.length).toBeGreaterThan(0);
  });
});

describe('patternCost', () => {
  it.each([
    [/a{0,4}b/, 5],
    [/(?:a|bc){2}d?/, 2],
    [/[^\]]{1,8}\d{3}/, 8],
    [/x(?<n>a?)(?=b)\u{41}/u, 2],
  ])('counts the lengths that %s can have', (pattern, ways) => {
    expect(patternCost(pattern).ways).toBe(ways);
  });

  it.each([[/a*/], [/(?:a+b)+/], [/a{2,}/], [/(a)\1/], [/(?<n>a)\k<n>/]])('knows that %s has no bound', (pattern) => {
    expect(patternCost(pattern).ways).toBe(Infinity);
  });
});
