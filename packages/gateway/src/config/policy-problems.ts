import type { PolicyProblem } from '@steadygate/core';

import type { ConfigProblem } from './config-problem.ts';
import type { LoadedConfig } from './parse-config.ts';

/** What core found in the compiled policy, with the place of each in the file. */
export function locateProblems(
  problems: readonly PolicyProblem[],
  loaded: Pick<LoadedConfig, 'file' | 'locate'>,
): readonly ConfigProblem[] {
  return problems.map(({ config, message, hint }) => {
    return { file: loaded.file, ...loaded.locate(config), path: config, message, hint };
  });
}
