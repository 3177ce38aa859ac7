import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const RULES = Array.from({ length: 25 }, (_, at) => `T${at + 1}`);
const STATES = ['held', 'in part', 'not yet'];

interface Section {
  readonly id: string;
  readonly state: string;
  readonly tests: readonly string[];
  /** Every source that its text names. */
  readonly sources: readonly string[];
}

const sections = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8').split('\n### ').slice(1).map(sectionOf);

describe('the threat model', () => {
  test('has every rule once, in order', () => {
    expect(sections.map(({ id }) => id)).toEqual(RULES);
  });

  test.each(sections)('$id says its state: $state', ({ state, tests }) => {
    expect(STATES).toContain(state);
    expect(tests.length > 0).toBe(state !== 'not yet');
  });

  test.each(sections.flatMap(({ id, tests }) => tests.map((file) => ({ id, file }))))(
    '$id is named by $file',
    ({ id, file }) => {
      expect(file).toMatch(/\.(test|contract)\.ts$/);
      expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(new RegExp(`\\b${id}\\b`));
    },
  );

  test.each(sections.flatMap(({ id, sources }) => sources.map((file) => ({ id, file }))))(
    '$id points to $file, which exists',
    ({ file }) => {
      const places = [`packages/gateway/src/${file}`, `packages/${file.replace('core/', 'core/src/')}`, file];
      expect(places.filter((place) => existsSync(join(ROOT, place)))).not.toEqual([]);
    },
  );
});

function sectionOf(text: string): Section {
  const [, id = ''] = /^(T\d+):/.exec(text) ?? [];
  const [, state = ''] = /^State: (.+)$/m.exec(text) ?? [];
  const [body = '', listed = ''] = text.split('\nTests: ');
  const named = (part: string) => [...part.matchAll(/`([\w./-]+\.(?:ts|md))`/g)].map(([, file = '']) => file);
  // A bare name stands beside the file that was named before it.
  return { id, state, tests: named(listed), sources: named(body).filter((file) => file.includes('/') || isTop(file)) };
}

function isTop(file: string): boolean {
  return existsSync(join(ROOT, 'packages/gateway/src', file));
}
