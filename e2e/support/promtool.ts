import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Prometheus' own checker: `STEADYGATE_TEST_PROMTOOL`, else the first on the path; undefined where there is none. */
export function promtoolPath(): string | undefined {
  const named = process.env['STEADYGATE_TEST_PROMTOOL'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return (named === undefined ? folders.map((folder) => join(folder, 'promtool')) : [named]).find(isExecutable);
}

/** Runs it. */
export function promtool(
  args: readonly string[],
  input = '',
): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(promtoolPath() ?? 'promtool', args, { input, encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
