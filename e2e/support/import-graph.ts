import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** One `import` or `export … from` of a source file. */
interface Import {
  readonly from: string;
  /** A repository path for a relative import, else the specifier as written. */
  readonly to: string;
  readonly isTypeOnly: boolean;
  /** Loaded only when that line runs. */
  readonly isDynamic: boolean;
}

/** Every import between the files of the packages, tests left out. Paths are relative to the repository. */
export interface ImportGraph {
  readonly files: readonly string[];
  readonly imports: readonly Import[];
}

const SOURCES = ['packages/*/src/**/*.ts', 'apps/*/src/**/*.{ts,tsx}'];
const IS_TEST = /\.(test|contract)\.tsx?$/;
const STATIC_IMPORT = /^(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** Reads the sources under `root` and lists what each imports. */
export function importGraph(root: string): ImportGraph {
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !IS_TEST.test(file))
    .toSorted();
  return { files, imports: files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8'))) };
}

/** The files that run when one of `entries` runs: what value imports reach, not stepping through `doors`. */
export function reachable(graph: ImportGraph, entries: readonly string[], doors: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file) || doors.includes(file)) continue;
    seen.add(file);
    for (const { from, to, isTypeOnly } of graph.imports) {
      if (from === file && !isTypeOnly) waiting.push(to);
    }
  }
  return seen;
}

function importsOf(from: string, source: string): readonly Import[] {
  const fixed = [...source.matchAll(STATIC_IMPORT)].map(([, type, to = '']) => ({
    to,
    isTypeOnly: type !== undefined,
    isDynamic: false,
  }));
  const dynamic = [...source.matchAll(DYNAMIC_IMPORT)].map(([, to = '']) => ({
    to,
    isTypeOnly: false,
    isDynamic: true,
  }));
  return [...fixed, ...dynamic].map((one) => ({ ...one, from, to: resolved(from, one.to) }));
}

function resolved(from: string, to: string): string {
  return to.startsWith('.') ? posix.join(dirname(from), to) : to;
}
