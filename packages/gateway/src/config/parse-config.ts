import { formatConfigProblem, pathText, printable } from './config-problem.ts';
import type { ConfigProblem, Position } from './config-problem.ts';
import type { ValueSource, ValueSources } from './interpolate.ts';
import { loadApis } from './load-apis.ts';
import { referenceProblems } from './references.ts';
import { schemaProblems } from './schema-issues.ts';
import type { PathProblem } from './schema-issues.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';
import type { Apis } from './to-openapi.ts';
import { KEY, readYaml } from './yaml-source.ts';
import type { YamlSource } from './yaml-source.ts';

/** A configuration that loaded, with what is needed to talk about it. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  /** Where a path such as `routes[2].permission` stands; of a path that is not written, its nearest parent. */
  locate(path: string): Position;
  /** Path → where its interpolated parts came from. */
  readonly interpolated: ReadonlyMap<string, readonly ValueSource[]>;
  /** The API documents that routes are judged by. */
  readonly apis: Apis;
  /** What is in them that loads and is probably not meant. */
  readonly apiWarnings: readonly ConfigProblem[];
}

/** A configuration, or everything that is wrong with it. `files` are the `${file:…}` targets and documents that were looked at. */
export type LoadResult =
  | { readonly ok: true; readonly loaded: LoadedConfig; readonly files: readonly string[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[]; readonly files: readonly string[] };

/** Parses a configuration's text. Never throws, whatever the text; reports all problems at once, without values. */
export function parseConfig(text: string, file: string, sources: ValueSources): LoadResult {
  const source = readYaml(text, sources);
  const { files } = source;
  const found = source.problems.map(({ position, ...problem }) => ({ file, ...position, ...problem }));
  if (source.value === undefined) return { ok: false, problems: found, files };
  const parsed = configSchema.safeParse(source.value);
  const issues = parsed.success ? [] : schemaProblems(parsed.error.issues, source.value);
  const further = [...issues, ...referenceProblems(source.value)].map((problem) => placed(problem, file, source));
  const problems = inOrder([...found, ...further]);
  if (!parsed.success || problems.length > 0) return { ok: false, problems, files };
  return withApis({ file, config: parsed.data, source }, sources);
}

/** Documents are read last: a configuration that says nothing sensible names none. */
function withApis(
  { file, config, source }: { readonly file: string; readonly config: Config; readonly source: YamlSource },
  sources: ValueSources,
): LoadResult {
  const { positions, interpolated } = source;
  const { apis, problems, warnings, files: documents } = loadApis(config, sources);
  const files = [...source.files, ...documents];
  if (problems.length > 0) return { ok: false, problems, files };
  const locateIn = (path: string): Position => locate(positions, path);
  return { ok: true, loaded: { file, config, locate: locateIn, interpolated, apis, apiWarnings: warnings }, files };
}

function placed(problem: PathProblem, file: string, source: YamlSource): ConfigProblem {
  const { path, isKey, message, hint } = problem;
  const key = isKey === true ? source.positions.get(pathText([...path, KEY])) : undefined;
  const position = key ?? locate(source.positions, pathText(path));
  return { file, ...position, path: path.length === 0 ? '' : shown(path), message, hint };
}

function shown(path: readonly PropertyKey[]): string {
  return pathText(path.map((segment) => (typeof segment === 'number' ? segment : printable(String(segment)))));
}

/** The position of a path, or of the nearest parent that is written. */
function locate(positions: ReadonlyMap<string, Position>, path: string): Position {
  let rest = path;
  while (rest !== '') {
    const position = positions.get(rest);
    if (position !== undefined) return position;
    const cut = Math.max(rest.lastIndexOf('.'), rest.lastIndexOf('['));
    rest = cut <= 0 ? '' : rest.slice(0, cut);
  }
  return { line: 1, column: 1 };
}

/** By place, each once: the schema and the references may both miss the same key. */
function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const unique = new Map(problems.map((problem) => [formatConfigProblem(problem), problem]));
  return [...unique.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
}
