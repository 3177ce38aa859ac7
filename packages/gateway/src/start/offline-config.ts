import type { ConfigSource } from '../cli/deps.ts';
import { formatConfigProblem } from '../config/config-problem.ts';
import { configForUpstream } from '../config/defaults.ts';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig, LoadResult } from '../config/parse-config.ts';
import { demoConfigFile } from '../demo/demo-upstream.ts';
import { OperatorRefusal } from '../operator/refusal.ts';

/** What the demo's configuration wants; nothing is sent there. */
const DEMO_VARIABLES = { ASSISTANT_URL: 'http://127.0.0.1:9', ASSISTANT_VOICE_API_KEY: 'voice_demo_not_running_0000' };

/** The configuration for a command that runs without a server. @throws OperatorRefusal `config-invalid` */
export function offlineConfig(source: ConfigSource, env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const result = load(source, env);
  if (result.ok) return result.loaded;
  throw new OperatorRefusal('config-invalid', result.problems.map(formatConfigProblem).join('\n'));
}

/** The same where a configuration is welcome and not needed: undefined when none was named, or it does not load. */
export function loadedConfig(
  source: ConfigSource | undefined,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig | undefined {
  if (source?.kind !== 'file') return undefined;
  const result = loadConfig(source.file, env);
  return result.ok ? result.loaded : undefined;
}

function load(source: ConfigSource, env: Readonly<Record<string, string | undefined>>): LoadResult {
  if (source.kind === 'file') return loadConfig(source.file, env);
  const demoFile = source.kind === 'demo' ? demoConfigFile() : undefined;
  if (demoFile !== undefined) return loadConfig(demoFile, { ...env, ...DEMO_VARIABLES });
  return configForUpstream(source.kind === 'upstream' ? source.url : 'http://127.0.0.1:9');
}
