import type { Api } from '@steadygate/core';

import { loadApi } from '../openapi/load-api.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ValueSources } from './interpolate.ts';
import type { Config } from './schema.ts';
import { apiKey, type Apis, schemaSettings } from './to-openapi.ts';

/** The documents of a configuration, with all that was found about them. */
export interface LoadedApis {
  readonly apis: Apis;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
  readonly files: readonly string[];
}

/** Reads every API document that some route is judged by, each once. */
export function loadApis(config: Config, { readDocument, readFile }: ValueSources): LoadedApis {
  const settings = config.routes.flatMap((route) => schemaSettings(route, config) ?? []);
  const meant = new Map(settings.filter(({ mode }) => mode !== 'off').map((each) => [apiKey(each), each]));
  const read = readDocument ?? readFile;
  const apis = new Map<string, Api>();
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const files = new Set<string>();
  for (const [key, { file, basePath, unknownProperties, answers }] of meant) {
    // Absolute, and what a message can say of it.
    const { path } = read(file);
    const isClosed = unknownProperties === 'refuse';
    const loaded = loadApi({ file, path, basePath, isClosed, judgesAnswers: answers === 'shadow' }, { read });
    for (const name of loaded.files) files.add(name);
    if (loaded.ok) apis.set(key, loaded.api);
    if (loaded.ok) warnings.push(...loaded.warnings);
    else problems.push(...loaded.problems);
  }
  return { apis, problems, warnings, files: [...files] };
}
