import { defineConfig } from 'vitest/config';

const LONG = '**/*.long.test.ts';
const BUILT = ['**/node_modules/**', '**/dist/**'];
const conditions = ['source', 'module', 'node', 'development|production'];

/** Fast tests by default; `--mode long` runs only `*.long.test.ts`. */
export default defineConfig(({ mode }) => {
  const isLong = mode === 'long';

  function project(name: string, root: string, options: { timeoutMs: number; isolate: boolean }) {
    return {
      resolve: { conditions },
      ssr: { resolve: { conditions, externalConditions: ['source'] } },
      test: {
        name,
        include: isLong ? [`${root}/${LONG}`] : [`${root}/**/*.test.{ts,tsx}`],
        exclude: isLong ? BUILT : [...BUILT, LONG],
        isolate: options.isolate,
        testTimeout: isLong ? 600_000 : options.timeoutMs,
        hookTimeout: isLong ? 600_000 : Math.max(options.timeoutMs, 30_000),
      },
    };
  }

  return {
    test: {
      globalSetup: ['e2e/support/summary.ts'],
      passWithNoTests: isLong,
      projects: [
        project('core', 'packages/core/src', { timeoutMs: 10_000, isolate: false }),
        project('contract', 'packages/contract/src', { timeoutMs: 10_000, isolate: true }),
        project('gateway', 'packages/gateway/src', { timeoutMs: 20_000, isolate: true }),
        project('console', 'apps/console/src', { timeoutMs: 10_000, isolate: true }),
        project('e2e', 'e2e', { timeoutMs: 60_000, isolate: true }),
      ],
      coverage: {
        provider: 'v8',
        include: ['packages/core/src/**/*.ts'],
        exclude: ['**/*.test.ts', '**/index.ts'],
        reporter: ['text', 'json-summary'],
        thresholds: { lines: 95, branches: 95 },
      },
    },
  };
});
