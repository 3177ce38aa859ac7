import { describe, expect, it } from 'vitest';

import type { ValueSources } from './interpolate.ts';
import { parseConfig } from './parse-config.ts';
import { toPolicy } from './to-policy.ts';

const ROUTES = [
  'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
  'routes:',
  '  - { path: /a, access: public }',
  '  - { path: /b, access: public, guards: { waf: { mode: shadow, threshold: 9 } } }',
];

const SOURCES: ValueSources = { environment: {}, readFile: (path) => ({ path, error: 'does not exist' }) };

function parsed(...lines: readonly string[]) {
  return parseConfig([...ROUTES, ...lines].join('\n'), 'steadygate.yaml', SOURCES);
}

function policyOf(...lines: readonly string[]) {
  const result = parsed(...lines);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return toPolicy(result.loaded.config).routes.map(({ guards }) => guards.waf);
}

describe('guards.waf', () => {
  it('inspects nothing unless it is written, or a route says so', () => {
    expect(policyOf()).toMatchObject([undefined, { mode: 'shadow', threshold: 9, config: 'routes[1].guards.waf' }]);
  });

  it('holds for every route; a route may have a mode and a threshold of its own', () => {
    expect(policyOf('guards: { waf: { classes: { ssrf: 8 } } }')).toMatchObject([
      { mode: 'enforce', threshold: 5, classThresholds: { ssrf: 8 }, config: 'guards.waf' },
      { mode: 'shadow', threshold: 9, classThresholds: { ssrf: 8 } },
    ]);
  });

  it('profiles and exceptions hold for all routes, or for one; an exception ends with its day', () => {
    const [first, second] = policyOf(
      'guards:',
      '  waf:',
      '    fields: [ { route: /a, field: "body:$.prompt", profile: code } ]',
      '    exceptions:',
      '      - { rule: sqli-union, field: "query:q", reason: ticket 1, expires: 2027-01-31 }',
      '      - { rule: sqli-string-logic, route: /b, field: "query:*", reason: ticket 2 }',
    );
    expect(first?.fields).toHaveLength(1);
    expect(second?.fields).toEqual([]);
    expect(first?.exceptions).toMatchObject([{ rule: 'sqli-union', untilMs: Date.UTC(2027, 1, 1) }]);
    expect(second?.exceptions[1]).toEqual({
      rule: 'sqli-string-logic',
      field: 'query:*',
      reason: 'ticket 2',
      config: 'guards.waf.exceptions[1]',
    });
  });

  it.each([
    [
      'exceptions: [ { rule: sqli-onion, field: "query:q", reason: why } ]',
      'guards.waf.exceptions[0].rule',
      'sqli-union',
    ],
    ['exceptions: [ { rule: "*", field: "query:q" } ]', 'guards.waf.exceptions[0].reason', ''],
    ['exceptions: [ { rule: "*", field: q, reason: why } ]', 'guards.waf.exceptions[0].field', 'query:q'],
    [
      'exceptions: [ { rule: "*", field: path, reason: why, expires: soon } ]',
      'guards.waf.exceptions[0].expires',
      '2027',
    ],
    ['exceptions: [ { rule: "*", route: /c, field: path, reason: why } ]', 'guards.waf.exceptions[0].route', 'routes'],
    ['fields: [ { field: path, profile: prose } ]', 'guards.waf.fields[0].profile', 'markdown'],
    ['classes: { sql: 3 }', 'guards.waf.classes', ''],
    ['threshold: 1', 'guards.waf.threshold', ''],
  ])('a mistake stops the start, with its line: %s', (line, path, hint) => {
    const result = parsed('guards:', '  waf:', `    ${line}`);
    const problems = result.ok ? [] : result.problems;
    expect(problems.map((problem) => problem.path).join()).toContain(path);
    expect(problems[0]?.line).toBe(7);
    expect(problems.map((problem) => problem.hint).join()).toContain(hint);
  });
});
