import { valueInspector } from './inspect-value.ts';
import type { AttackClass, Detector, FieldKind, Rule } from './rule.ts';

/** What a rule made of its own examples. */
export interface RuleTest {
  readonly rule: string;
  readonly cls: AttackClass;
  readonly score: number;
  readonly reason: string;
  /** How many examples it has. */
  readonly examples: number;
  readonly failures: readonly RuleTestFailure[];
}

/** An example that a rule judges wrongly. */
export interface RuleTestFailure {
  readonly example: string;
  readonly expected: 'found' | 'passed';
}

/** Holds every rule against the examples that it carries, each read as a field of the rule's first kind. */
export function testRules(rules: readonly Rule[], detectors: readonly Detector[]): readonly RuleTest[] {
  const inspector = valueInspector(rules, detectors);
  return rules.map(({ id, cls, score, reason, fields, attacks, harmless }) => {
    const kind: FieldKind = fields?.[0] ?? 'query';
    const isFound = (example: string): boolean => inspector.hits(example, kind).some(({ rule }) => rule === id);
    const failures = [
      ...attacks.filter((example) => !isFound(example)).map((example) => ({ example, expected: 'found' as const })),
      ...harmless.filter(isFound).map((example) => ({ example, expected: 'passed' as const })),
    ];
    return { rule: id, cls, score, reason, examples: attacks.length + harmless.length, failures };
  });
}
