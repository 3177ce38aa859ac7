import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { costs, costsOfMegabyte, filled, isLinear, isLinearToMegabyte } from '../../test/cost.ts';
import { WAF_RULES } from './rules.ts';
import { waf, wafInspector } from './waf.ts';

/** Beginnings of what a rule looks for, over and over: each place is a start that nearly matches. */
function hostile({ attacks, literals }: (typeof WAF_RULES)[number]): readonly string[] {
  const starts = attacks.flatMap((attack) => [attack.slice(0, -1), attack.slice(0, attack.length / 2)]);
  return [
    ...starts,
    ...literals,
    ...literals.map((literal) => `${literal} `),
    ...literals.map((literal) => `${literal}(`),
  ]
    .filter((seed) => seed !== '')
    .map((seed) => seed.toLowerCase());
}

describe.each(WAF_RULES.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  it('takes at most 12 times as long for 8 times the text', () => {
    for (const seed of new Set([...hostile(rule), 'a', ' ', '(', '"', '../', '<a '])) {
      const run = (length: number) => [
        rule.pattern.exec(filled(seed, length)),
        rule.unless?.test(filled(seed, length)),
      ];
      expect({ seed, ...costs(run) }).toSatisfy(isLinear);
    }
  });
});

describe('a whole request', () => {
  const inspect = waf({ threshold: 1000, classThresholds: {}, fields: [], exceptions: [] }, wafInspector());
  const seeds = [
    "'",
    '"(',
    '%25',
    '\\u0',
    '&lt;',
    '${',
    '/*',
    '<a ',
    '../',
    'union ',
    'YWxl',
    '=',
    ';',
    '\n',
    'é',
    '--',
    '{{',
    '`',
    '$(',
    '%c0',
    '+AA',
    'A+',
    '&#0',
    '\\x',
    ' \n',
    '\u3000',
    'http://',
    '@',
    'a.',
    '0x',
    '{"',
    '[',
    '```\n',
    'the ',
  ];
  const types = [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/graphql',
    'multipart/form-data; boundary=b',
  ];

  it.each(types)('costs in proportion to its length: %s', (type) => {
    for (const seed of seeds) {
      const run = (length: number) => inspect.body({ text: bodyOf(type, filled(seed, length)), type }, 0);
      expect({ seed, ...costs(run) }).toSatisfy(isLinear);
    }
  });

  it.each(types)('costs in proportion up to a megabyte: %s', (type) => {
    for (const seed of seeds) {
      const run = (length: number) => inspect.body({ text: bodyOf(type, filled(seed, length)), type }, 0);
      expect({ seed, ...costsOfMegabyte(run) }).toSatisfy(isLinearToMegabyte);
    }
  });

  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types, ''), fc.string({ unit: 'binary', maxLength: 400 }), (type, text) => {
        expect(['clean', 'malformed', 'attack']).toContain(inspect.body({ text, type }, 0).kind);
        expect(['clean', 'malformed', 'attack']).toContain(inspect.body({ text: bodyOf(type, text), type }, 0).kind);
      }),
      { numRuns: 20_000 },
    );
  });
});

function bodyOf(type: string, value: string): string {
  if (type.includes('json')) return JSON.stringify({ a: value });
  if (type.includes('xml')) return `<a b="${value}">${value}</a>`;
  if (type.includes('graphql')) return `{ a(b: "${value}") { c } }`;
  return type.startsWith('multipart')
    ? `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--b--`
    : value;
}
