import { describe, expect, it } from 'vitest';

import type { ValueSources } from './interpolate.ts';
import { parseConfig } from './parse-config.ts';
import { toPolicy } from './to-policy.ts';

const SOURCES: ValueSources = { environment: {}, readFile: (path) => ({ path, error: 'does not exist' }) };

function parsed(routeText: string, ...lines: readonly string[]) {
  const routes = [
    'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
    'routes:',
    '  - { path: /a, access: public }',
    `  - { path: /b, access: public, guards: { text: ${routeText} } }`,
  ];
  return parseConfig([...routes, ...lines].join('\n'), 'steadygate.yaml', SOURCES);
}

function policyOf(routeText: string, ...lines: readonly string[]) {
  const result = parsed(routeText, ...lines);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return toPolicy(result.loaded.config).routes.map(({ guards }) => guards.text);
}

describe('guards.text', () => {
  it('judges no text unless it is written, or a route says so', () => {
    const limits = { charactersMax: 8192, urlsMax: 5, phonesMax: 3 };
    expect(policyOf('{}')).toEqual([
      undefined,
      { mode: 'enforce', limits, tenants: {}, fields: [], onExcess: 'violation', config: 'routes[1].guards.text' },
    ]);
  });

  it('holds for every route; a route differs in what it says itself', () => {
    const shared = 'guards: { text: { mode: shadow, urlsMax: 1, fields: [ "body:$.text" ], onExcess: refuse } }';
    expect(policyOf('{ charactersMax: 100, phonesMax: off }', shared)).toMatchObject([
      { limits: { charactersMax: 8192, urlsMax: 1, phonesMax: 3 }, config: 'guards.text' },
      { mode: 'shadow', fields: ['body:$.text'], onExcess: 'refuse', limits: { charactersMax: 100, urlsMax: 1 } },
    ]);
    const [, own] = policyOf('{ mode: enforce, phonesMax: off, fields: [ "query:q" ], onExcess: violation }', shared);
    expect(own).toMatchObject({ mode: 'enforce', fields: ['query:q'], onExcess: 'violation' });
    expect(own?.limits).toEqual({ charactersMax: 8192, urlsMax: 1 });
  });

  it("a tenant's limits come before those of its place, and a route's before those of all routes", () => {
    const shared =
      'guards: { text: { urlsMax: 1, tenants: { acme: { urlsMax: 20, phonesMax: 20 }, zeta: { phonesMax: 9 } } } }';
    const [all, own] = policyOf('{ urlsMax: 2, tenants: { acme: { charactersMax: off } } }', shared);
    expect(all?.tenants).toEqual({
      acme: { charactersMax: 8192, urlsMax: 20, phonesMax: 20 },
      zeta: { charactersMax: 8192, urlsMax: 1, phonesMax: 9 },
    });
    expect(own?.tenants['acme']).toEqual({ urlsMax: 2, phonesMax: 20 });
    expect(own?.tenants['zeta']).toEqual({ charactersMax: 8192, urlsMax: 2, phonesMax: 9 });
  });

  it.each([
    ['{ charactersMax: many }', 'routes[1].guards.text.charactersMax'],
    ['{ urlsMax: -1 }', 'routes[1].guards.text.urlsMax'],
    ['{ fields: [ text ] }', 'routes[1].guards.text.fields[0]'],
    ['{ fields: [ "header:x-note" ] }', 'routes[1].guards.text.fields[0]'],
    ['{ fields: [] }', 'routes[1].guards.text.fields'],
    ['{ onExcess: block }', 'routes[1].guards.text.onExcess'],
    ['{ tenants: { acme: { mode: off } } }', 'routes[1].guards.text.tenants.acme.mode'],
    ['{ tenants: { "a b": {} } }', 'routes[1].guards.text.tenants'],
    ['{ length: 5 }', 'routes[1].guards.text.length'],
  ])('a mistake stops the start, with its line: %s', (text, path) => {
    const result = parsed(text);
    const problems = result.ok ? [] : result.problems;
    expect(problems.map((problem) => problem.path).join()).toContain(path);
    expect(problems[0]?.line).toBe(4);
  });
});
