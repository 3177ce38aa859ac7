import type { ConfigSource, StartOptions } from '../cli/deps.ts';
import { formatConfigProblem } from '../config/config-problem.ts';
import { configForUpstream } from '../config/defaults.ts';
import { fixedProblems } from '../config/fixed-settings.ts';
import { loadConfig } from '../config/load.ts';
import { withListen } from '../config/overrides.ts';
import type { LoadedConfig, LoadResult } from '../config/parse-config.ts';
import { locateProblems } from '../config/policy-problems.ts';
import { gatherFacts } from '../config/setting-facts.ts';
import type { WeakSetting } from '../config/weak-finding.ts';
import { auditSettings, refusingFindings } from '../config/weak-settings.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** A configuration that may be served, with what is weak about it; or why not, line by line. */
export type Checked =
  | {
      readonly ok: true;
      readonly loaded: LoadedConfig;
      readonly warnings: readonly string[];
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly lines: readonly string[]; readonly files: readonly string[] };

/** Where the configuration of a source is read from; undefined when it is no file. */
export function fileOf(source: ConfigSource, demoFile: string | undefined): string | undefined {
  if (source.kind === 'file') return source.file;
  return source.kind === 'demo' ? demoFile : undefined;
}

/** Loads a source and audits it. Production refuses critical weak settings (WK9, SS5). */
export function loadSource(options: StartOptions, demoFile: string | undefined, variables: Variables): Checked {
  const result = load(options.source, demoFile, variables);
  if (!result.ok) return { ok: false, lines: result.problems.map(formatConfigProblem), files: result.files };
  const loaded = options.listen === undefined ? result.loaded : withListen(result.loaded, options.listen);
  const findings = auditSettings(loaded, gatherFacts(loaded, { dataDir: options.dataDir, environment: variables }));
  const refusing = refusingFindings(findings, loaded.config.environment);
  if (refusing.length > 0) {
    return { ok: false, lines: refusing.map((finding) => describe(finding, loaded)), files: result.files };
  }
  return { ok: true, loaded, warnings: findings.map((finding) => describe(finding, loaded)), files: result.files };
}

/** The same for a gate that runs: what only a restart can change is refused (T16). */
export function refuseFixed(checked: Checked, started: LoadedConfig): Checked {
  if (!checked.ok) return checked;
  const problems = fixedProblems(started.config, checked.loaded.config);
  if (problems.length === 0) return checked;
  return { ok: false, lines: locateProblems(problems, checked.loaded).map(formatConfigProblem), files: checked.files };
}

function load(source: ConfigSource, demoFile: string | undefined, variables: Variables): LoadResult {
  if (source.kind === 'upstream') return configForUpstream(source.url);
  const file = fileOf(source, demoFile);
  if (file === undefined) throw new Error('the demo has no configuration file');
  return loadConfig(file, variables);
}

function describe(finding: WeakSetting, loaded: LoadedConfig): string {
  const { line, column } = loaded.locate(finding.path);
  return `${loaded.file}:${line}:${column} ${finding.severity}: ${finding.message} ${finding.hint}`;
}
