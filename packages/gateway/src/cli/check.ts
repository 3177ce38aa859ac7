import { compileGate, type GateTable } from '@steadygate/core';
import { type ConfigProblem, formatConfigProblem } from '../config/config-problem.ts';
import { configForUpstream } from '../config/defaults.ts';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig, LoadResult } from '../config/parse-config.ts';
import { locateProblems } from '../config/policy-problems.ts';
import { gatherFacts } from '../config/setting-facts.ts';
import { tableText } from '../config/table.ts';
import { toPolicy } from '../config/to-policy.ts';
import { UNASKED_PORTS } from '../config/unasked-ports.ts';
import { unprotectedOperations } from '../config/unprotected.ts';
import type { WeakSetting } from '../config/weak-finding.ts';
import { auditSettings, refusingFindings } from '../config/weak-settings.ts';
import { ownRoutes } from '../http/own-routes.ts';
import { type Call, type CliCommand, CONFIG_OPTION, DATA_OPTION, JSON_OPTION } from './command.ts';
import type { ConfigSource } from './deps.ts';
import { startLocations } from './locations.ts';
import { UsageError } from './usage-error.ts';

/** `steadygate check` */
export const CHECK_COMMAND: CliCommand = {
  name: 'check',
  summary: 'Say whether a configuration would start, and what is weak in it',
  options: {
    config: CONFIG_OPTION,
    upstream: { kind: 'text', value: 'URL', help: 'What `start --upstream` would do' },
    data: DATA_OPTION,
    table: { kind: 'flag', help: 'Print guards × routes' },
    json: JSON_OPTION,
  },
  notes: ['Exit code 1 when the configuration would not start, 2 when there is none.'],
  examples: ['check', 'check --table', 'check --config /etc/steadygate/steadygate.yaml --json'],
  run: async (call) => {
    const { source, dataDir } = startLocations(call.args, call.io);
    const report = examine(load(source, call), { dataDir, env: call.io.env });
    if (call.out.isJson) call.out.json(toJson(report, call.args.flag('table')));
    else print(report, call);
    return report.problems.length > 0 || report.refusing.length > 0 ? 1 : 0;
  },
};

interface Report {
  readonly problems: readonly ConfigProblem[];
  /** What loads and is probably not meant. */
  readonly warnings: readonly ConfigProblem[];
  readonly weak: readonly WeakSetting[];
  /** Those of `weak` that forbid to start. */
  readonly refusing: readonly WeakSetting[];
  readonly table: GateTable | undefined;
}

function load(source: ConfigSource, { io }: Call): LoadResult {
  if (source.kind === 'file') return loadConfig(source.file, io.env);
  if (source.kind === 'upstream') return configForUpstream(source.url);
  throw new UsageError('There is no ./steadygate.yaml. Name a configuration with --config.', 'check');
}

function examine(result: LoadResult, surroundings: { dataDir: string; env: Call['io']['env'] }): Report {
  if (!result.ok) return { problems: result.problems, warnings: [], weak: [], refusing: [], table: undefined };
  const { loaded } = result;
  const gate = compileGate(toPolicy(loaded.config, loaded.apis), ownRoutes('whole'), UNASKED_PORTS);
  const weak = auditSettings(
    loaded,
    gatherFacts(loaded, { dataDir: surroundings.dataDir, environment: surroundings.env }),
  );
  return {
    problems: gate.ok ? [] : locateProblems(gate.problems, loaded),
    warnings: gate.ok ? warningsOf(gate.table, loaded) : [],
    weak: weak.map((finding) => placed(finding, loaded)),
    refusing: refusingFindings(weak, loaded.config.environment).map((finding) => placed(finding, loaded)),
    table: gate.ok ? gate.table : undefined,
  };
}

function warningsOf(table: GateTable, loaded: LoadedConfig): readonly ConfigProblem[] {
  const ofDocuments = [...loaded.apiWarnings, ...unprotectedOperations(table, loaded.apis)];
  return [...locateProblems(table.warnings, loaded), ...ofDocuments];
}

/** A setting with its line; a finding about a file or a variable keeps its name. */
function placed(finding: WeakSetting, { file, locate }: LoadedConfig): WeakSetting {
  const isSetting = /^[a-z]\w*(?:[.[]|$)/.test(finding.path);
  if (!isSetting) return finding;
  const { line, column } = locate(finding.path);
  return { ...finding, path: `${file}:${line}:${column}: ${finding.path}` };
}

function toJson({ problems, warnings, weak, refusing, table }: Report, wantsTable: boolean): unknown {
  const ok = problems.length === 0 && refusing.length === 0;
  const rows = wantsTable ? { table: table?.rows() ?? [] } : {};
  return { ok, problems, warnings, weakSettings: weak, ...rows };
}

function print({ problems, warnings, weak, refusing, table }: Report, { out, args }: Call): void {
  if (args.flag('table') && table !== undefined) out.line(tableText(table.rows()));
  for (const problem of problems) out.line(`${out.tone('red', 'problem')}  ${out.plain(formatConfigProblem(problem))}`);
  for (const warning of warnings)
    out.line(`${out.tone('yellow', 'warning')}  ${out.plain(formatConfigProblem(warning))}`);
  for (const finding of weak) {
    const isRefusing = refusing.some(({ path, code }) => path === finding.path && code === finding.code);
    const label = isRefusing
      ? out.tone('red', 'problem')
      : out.tone('yellow', finding.severity === 'critical' ? 'weak   ' : 'warning');
    out.line(`${label}  ${out.plain(weakText(finding))}`);
  }
  const count = problems.length + refusing.length;
  if (count === 0) out.line(`${out.tone('green', 'ok')}       The configuration would start.`);
  else out.line(`The configuration would not start: ${count} ${count === 1 ? 'problem' : 'problems'}.`);
}

function weakText({ path, message, hint }: WeakSetting): string {
  return `${path === '' ? '' : `${path}: `}${message} ${hint}`;
}
