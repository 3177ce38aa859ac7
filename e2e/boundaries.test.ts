import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importGraph, reachable } from './support/import-graph.ts';

const ROOT = join(import.meta.dirname, '..');
const CONFIGURATION = [
  '.oxlintrc.json',
  'package.json',
  'tsconfig.base.json',
  'packages/core/package.json',
  'packages/core/tsconfig.json',
  'packages/contract/tsconfig.json',
  'packages/gateway/tsconfig.json',
  'apps/console/tsconfig.json',
];

/** A house with the real configuration and no files, so that planting one disturbs nobody. */
let house: string;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'steadygate-boundaries-'));
  for (const file of CONFIGURATION) cpSync(join(ROOT, file), join(house, file), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'));
});

afterAll(() => {
  rmSync(house, { recursive: true, force: true });
});

function plant(file: string, source: string): string {
  mkdirSync(dirname(join(house, file)), { recursive: true });
  writeFileSync(join(house, file), source);
  return file;
}

function run(script: string, ...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], {
    cwd: house,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

function lint(file: string, source: string) {
  return run('oxlint/bin/oxlint', '--format=unix', plant(file, source));
}

function compileCore(source: string) {
  rmSync(join(house, 'packages/core/src'), { recursive: true, force: true });
  plant('packages/core/src/index.ts', source);
  return run('typescript/bin/tsc', '--project', 'packages/core', '--noEmit');
}

describe('the linter', () => {
  it.each([
    ['core importing the gateway', 'packages/core/src/a.ts', `export { a } from 'steadygate';\n`, 'restricted'],
    [
      'core reaching into the gateway',
      'packages/core/src/b.ts',
      `export { a } from '../../gateway/src/a.ts';\n`,
      'restricted',
    ],
    ['core importing Node', 'packages/core/src/c.ts', `export { readFileSync } from 'node:fs';\n`, 'restricted'],
    ['core with a clock', 'packages/core/src/d.ts', `export const atMs: number = Date.now();\n`, `'Date'`],
    ['core with chance', 'packages/core/src/e.ts', `export const chance: number = Math.random();\n`, 'Math.random'],
    ['core using process', 'packages/core/src/f.ts', `export const pid: number = process.pid;\n`, `'process'`],
    ['contract importing core', 'packages/contract/src/a.ts', `export { a } from '@steadygate/core';\n`, 'restricted'],
    ['console importing the gateway', 'apps/console/src/a.ts', `export { a } from 'steadygate';\n`, 'restricted'],
    [
      'console reaching into the gateway',
      'apps/console/src/b.ts',
      `export { a } from '../../../packages/gateway/src/a.ts';\n`,
      'restricted',
    ],
    [
      'http importing an adapter',
      'packages/gateway/src/http/a.ts',
      `export { a } from '../store/a.ts';\n`,
      'restricted',
    ],
    [
      'proxy importing an adapter',
      'packages/gateway/src/proxy/a.ts',
      `export { a } from '../crypto/a.ts';\n`,
      'restricted',
    ],
  ])('refuses %s', (_, file, source, finding) => {
    const { status, output } = lint(file, source);
    expect(output).toContain(finding);
    expect(status).toBe(1);
  });

  it.each([
    ['core importing itself', 'packages/core/src/g.ts', `export { a } from './h.ts';\n`],
    ['contract importing zod', 'packages/contract/src/b.ts', `export { z } from 'zod';\n`],
    ['console importing the contract', 'apps/console/src/c.ts', `export { a } from '@steadygate/contract';\n`],
    [
      'http importing the type of an adapter',
      'packages/gateway/src/http/b.ts',
      `export type { A } from '../store/a.ts';\n`,
    ],
    ['compose importing an adapter', 'packages/gateway/src/compose.ts', `export { a } from './store/a.ts';\n`],
  ])('allows %s', (_, file, source) => {
    expect(lint(file, source)).toMatchObject({ status: 0 });
  });
});

describe('the compiler', () => {
  it.each([
    ['process', 'export const value: unknown = process.pid;'],
    ['fetch', `export const value: unknown = fetch('http://127.0.0.1/');`],
    ['setTimeout', 'export const value: unknown = setTimeout(() => undefined, 1);'],
    ['console', `console.log('core');`],
    ['document', 'export const value: unknown = document.title;'],
  ])('refuses core using %s', (name, source) => {
    const { status, output } = compileCore(`${source}\n`);
    expect(output).toContain(`Cannot find name '${name}'`);
    expect(status).not.toBe(0);
  });

  it('accepts core using only the language', () => {
    expect(compileCore('export const value: number = Math.max(1, 2);\n')).toEqual({ status: 0, output: '' });
  });
});

describe('the import graph', () => {
  const graph = importGraph(ROOT);
  const importsUnder = (folder: string) => graph.imports.filter(({ from }) => from.startsWith(folder));
  const strays = (folder: string, allowed: RegExp) => importsUnder(folder).filter(({ to }) => !allowed.test(to));

  it('was read: it has a plausible number of files and imports in each package', () => {
    for (const folder of ['packages/core/src/', 'packages/contract/src/', 'packages/gateway/src/']) {
      expect(graph.files.filter((file) => file.startsWith(folder)).length).toBeGreaterThanOrEqual(10);
      expect(importsUnder(folder).length).toBeGreaterThanOrEqual(10);
    }
    const missing = graph.imports.filter(({ to }) => to.startsWith('packages/') && !graph.files.includes(to));
    expect(missing).toEqual([]);
  });

  it('lets core import only core', () => {
    expect(strays('packages/core/', /^packages\/core\/src\//)).toEqual([]);
  });

  it('lets contract import only contract and zod', () => {
    expect(strays('packages/contract/', /^(packages\/contract\/src\/|zod$)/)).toEqual([]);
  });

  it('lets gateway import neither the console nor the inside of another package', () => {
    const allowed = /^(packages\/gateway\/|(?!packages\/|apps\/|@steadygate\/)|@steadygate\/(core|contract)$)/;
    expect(strays('packages/gateway/', allowed)).toEqual([]);
  });

  it('lets console import the contract and what draws, nothing of the gateway', () => {
    expect(strays('apps/console/', /^(apps\/console\/|react|@tanstack\/react|@steadygate\/contract$)/)).toEqual([]);
  });

  it('reaches no adapter from what serves requests, but through compose.ts', () => {
    const serving = graph.files.filter((file) =>
      /^packages\/gateway\/src\/(proxy|http|jobs|probes|embed)\//.test(file),
    );
    const reached = reachable(graph, serving, ['packages/gateway/src/compose.ts']);
    expect(reached.size).toBeGreaterThanOrEqual(10);
    expect([...reached].filter((file) => /^packages\/gateway\/src\/(store|counters|crypto|sso)\//.test(file))).toEqual(
      [],
    );
  });
});
