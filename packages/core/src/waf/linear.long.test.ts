import fc from 'fast-check';
import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';

import { WAF_RULES } from './rules.ts';
import { waf, wafInspector } from './waf.ts';

const SMALL = 8 * 1024;
const LARGE = 64 * 1024;
/** Eight times the text may cost twelve times the CPU: more is no straight line. */
const GROWTH_MAX = 12;
/** Below this a clock says nothing. */
const NOISE_US = 2000;

function cost(run: () => unknown): number {
  let least = Infinity;
  for (let turn = 0; turn < 5; turn += 1) {
    const before = cpuUsage();
    run();
    const { user, system } = cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

const filled = (seed: string, length: number) => seed.repeat(Math.ceil(length / seed.length)).slice(0, length);

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
      const small = cost(() => rule.pattern.exec(filled(seed, SMALL)));
      const large = cost(() => rule.pattern.exec(filled(seed, LARGE)));
      expect(large, `${seed}: ${small} µs, then ${large} µs`).toBeLessThan(Math.max(small, NOISE_US) * GROWTH_MAX);
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
      const body = (length: number) => bodyOf(type, filled(seed, length));
      const small = cost(() => inspect.body({ text: body(SMALL), type }, 0));
      const large = cost(() => inspect.body({ text: body(LARGE), type }, 0));
      expect(large, `${seed}: ${small} µs, then ${large} µs`).toBeLessThan(Math.max(small, NOISE_US) * GROWTH_MAX);
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
