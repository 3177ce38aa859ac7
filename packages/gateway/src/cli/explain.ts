import { basename } from 'node:path';
import type { z } from 'zod';
import type { LoadedConfig } from '../config/parse-config.ts';
import { explainDecision } from '../operator/decisions.ts';
import { OperatorRefusal } from '../operator/refusal.ts';
import { offlineConfig } from '../start/offline-config.ts';
import type { Call, CliCommand } from './command.ts';
import { isDemoData, operatorLocations } from './locations.ts';
import { operatorCommand } from './operator-command.ts';
import { timeText } from './text.ts';

type Explained = z.output<typeof explainDecision.output>;
type Finding = Explained['findings'][number];

const OUTCOMES: Readonly<Record<Explained['outcome'], string>> = {
  allow: 'passed on to the upstream',
  answer: 'answered by the gate itself',
  deny: 'refused',
};

/** `steadygate explain ID` */
export const EXPLAIN_COMMAND: CliCommand = operatorCommand({
  name: 'explain',
  summary: 'Say why a request was answered the way it was',
  operator: explainDecision,
  arguments: [{ name: 'ID', help: 'the request id: header X-Request-Id, or requestId in the answer' }],
  options: {},
  notes: ['Refusals are kept for 24 hours; of what passed, samples.'],
  examples: ['explain r01krx3m5qk8v2n7w4t6y9z0c1d'],
  input: (args) => ({ requestId: args.argument('ID') }),
  print(explained, call) {
    const placeOf = configPlaces(call);
    printRequest({ ...explained, route: explained.route === null ? null : placeOf(explained.route) }, call);
    for (const finding of explained.findings) {
      printFinding(finding.config === undefined ? finding : { ...finding, config: placeOf(finding.config) }, call);
    }
    if (explained.findings.length === 0) call.out.line('No guard had anything to say.');
  },
});

/** A configuration path with its line, as far as the configuration still loads. */
function configPlaces(call: Call): (path: string) => string {
  const loaded = configOf(call);
  if (loaded === undefined) return (path) => path;
  const { file, locate } = loaded;
  return (path) => (/^[a-z]+(?:[.[]|$)/.test(path) ? `${path} (${basename(file)}:${locate(path).line})` : path);
}

/** The configuration file behind the data; undefined when there is none, as with `start --upstream`, or it does not load. */
function configOf({ args, io, deps }: Call): LoadedConfig | undefined {
  const { source, dataDir } = operatorLocations(args, io, deps);
  if (source.kind !== 'file' && !isDemoData(dataDir)) return undefined;
  try {
    return offlineConfig(source, io.env);
  } catch (cause) {
    if (cause instanceof OperatorRefusal) return undefined;
    throw cause;
  }
}

function printRequest(explained: Explained, { out }: Call): void {
  const { requestId, at, method, path, status, outcome, code, guard, route, userId, role, durationMs } = explained;
  out.line(out.tone('bold', `${out.plain(method)} ${out.plain(path)}`));
  printFields({ out }, [
    ['request', requestId],
    ['when', `${timeText(at)}, ${durationMs.toFixed(1)} ms`],
    ['verdict', `${status}, ${OUTCOMES[outcome]}${code === null ? '' : ` (${code})`}`],
    ['guard', guard],
    ['route', route ?? 'none matched'],
    ['caller', userId === null ? 'nobody known' : `user ${userId}, role ${role ?? '-'}`],
  ]);
}

function printFinding({ guard, rule, field, evidence, config, exception, shadow }: Finding, { out }: Call): void {
  out.line();
  const mode = shadow === true ? ' (shadow: not enforced)' : '';
  out.line(`${out.tone(shadow === true ? 'yellow' : 'red', `guard ${out.plain(guard)}`)}${mode}`);
  printFields({ out }, [
    ['rule', rule],
    ['where', field],
    ['found', evidence],
    ['configured', config],
    ['to allow', exception ?? 'nothing may let this through'],
  ]);
}

/** One fact a line; what is not known is left out. Long exceptions go on under themselves. */
function printFields(
  { out }: Pick<Call, 'out'>,
  fields: readonly (readonly [string, string | null | undefined])[],
): void {
  for (const [name, value] of fields) {
    if (value === null || value === undefined) continue;
    const [first = '', ...rest] = value.split('\n');
    out.line(`  ${out.tone('dim', name.padEnd(10))}  ${out.plain(first)}`);
    for (const more of rest) out.line(`${' '.repeat(14)}${out.plain(more)}`);
  }
}
