import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { editorSchema } from './editor-schema.ts';
import { referencePage, referenceRows } from './reference-page.ts';
import { configSchema } from './schema.ts';
import { parseDuration, parseSize } from './units.ts';

const REQUIRED = {
  upstreams: { app: { url: 'http://x' } },
  routes: [{ path: '/**' }],
  ownership: [{ resource: 'chat', idPattern: 'x' }],
};
const parsed: unknown = configSchema.parse({
  ...REQUIRED,
  upstreams: {
    app: {
      targets: [{ url: 'http://x' }],
      health: { path: '/health' },
      ejection: {},
      retry: {},
      concurrency: { max: 1 },
      breaker: {},
    },
  },
  listen: { control: {}, metrics: {} },
  routes: [{ path: '/**', cors: {} }],
  guards: { text: {}, schema: { file: 'openapi.yaml' }, waf: {} },
});
// Given above, so that the keys inside have values.
const GIVEN = ['ownership'];
const rows = referenceRows();

/** The parsed values of a documented path, in every list and named block on the way. */
function valuesAt(value: unknown, path: string): readonly unknown[] {
  const segments = path.replaceAll('[]', '.*').replaceAll('<name>', '*').split('.');
  return segments.reduce<readonly unknown[]>(
    (values, segment) => values.flatMap((it) => children(it, segment)),
    [value],
  );
}

function children(value: unknown, segment: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (segment === '*') return Object.values(value);
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => (key === segment ? [child] : []));
}

/** A default as written, in the form that parsing gives it. */
function asParsed(text: string): unknown {
  const ms = parseDuration(text) ?? parseSize(text);
  if (ms !== undefined) return ms;
  if (/^\d+\/\d*[smhd]$/.test(text)) return expect.objectContaining({ text });
  const value: unknown = /^(\d+|true|false|\[.*\])$/.test(text) ? JSON.parse(text) : text;
  return Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? asParsed(item) : item)) : value;
}

describe('the reference', () => {
  it.each(rows.filter(({ path, defaultText }) => defaultText !== undefined && !GIVEN.includes(path)))(
    'tells the true default of $path',
    ({ path, defaultText }) => {
      const values = valuesAt(parsed, path);
      expect(values.length).toBeGreaterThan(0);
      for (const value of values) expect(value).toEqual(asParsed(defaultText ?? ''));
    },
  );

  it.each(rows)('describes $path', ({ description, type }) => {
    expect(description).toMatch(/\.$/);
    expect(type).not.toBe('');
  });

  it('names every key that a parsed configuration has', () => {
    const named = new Set(rows.map(({ path }) => path));
    const walk = (value: object, at: string): readonly string[] =>
      Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
        const path = at === '' ? key : `${at}.${key}`;
        const isBlock = typeof child === 'object' && child !== null && !Array.isArray(child) && !('rate' in child);
        return [path, ...(isBlock && !/^(upstreams|roles)$/.test(path) ? walk(child, path) : [])];
      });
    expect(walk(configSchema.parse(REQUIRED), '').filter((path) => !named.has(path))).toEqual([]);
  });

  it('is what docs/configuration.md holds', () => {
    expect(readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')).toBe(referencePage());
  });
});

describe('the JSON Schema for editors', () => {
  const schema: unknown = JSON.parse(editorSchema());

  it('is what the package ships', () => {
    expect(readFileSync(new URL('../../steadygate.schema.json', import.meta.url), 'utf8')).toBe(editorSchema());
  });

  it('refuses unknown keys, asks for upstreams and routes, and lets placeholders stand for numbers', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
      required: ['upstreams', 'routes'],
      properties: {
        invites: { properties: { length: { anyOf: [{ type: 'integer', minimum: 8 }, { pattern: '\\$\\{' }] } } },
      },
    });
  });

  it('knows every key that the assistant example uses', () => {
    const example: unknown = parse(
      readFileSync(new URL('../../../../examples/assistant/steadygate.yaml', import.meta.url), 'utf8'),
    );
    const known = new Set(rows.map(({ path }) => path));
    expect(Object.keys(example ?? {}).filter((key) => !known.has(key))).toEqual([]);
  });
});
