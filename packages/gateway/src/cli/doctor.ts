import { configForUpstream } from '../config/defaults.ts';
import { loadConfig } from '../config/load.ts';
import type { Finding } from '../doctor/check.ts';
import { examine } from '../doctor/doctor.ts';
import { type Call, type CliCommand, CONFIG_OPTION, DATA_OPTION, JSON_OPTION } from './command.ts';
import { operatorLocations } from './locations.ts';
import type { Tone } from './output.ts';

const TONES: Readonly<Record<Finding['state'], Tone>> = { ok: 'green', warning: 'yellow', failed: 'red' };

/** `steadygate doctor` */
export const DOCTOR_COMMAND: CliCommand = {
  name: 'doctor',
  summary: 'Look for what is wrong around the gate: files, clock, proxies, upstreams, store',
  options: {
    data: DATA_OPTION,
    config: CONFIG_OPTION,
    upstream: { kind: 'text', value: 'URL', help: 'The upstream, where `start --upstream` named it' },
    json: JSON_OPTION,
  },
  notes: ['Exit code 1 when a check failed or warns.'],
  examples: ['doctor', 'doctor --config /etc/steadygate/steadygate.yaml --data /var/lib/steadygate'],
  run: async (call) => {
    const findings = await examine(patientOf(call));
    if (call.out.isJson) call.out.json({ ok: findings.every(isOk), checks: findings });
    else for (const finding of findings) print(finding, call);
    return findings.every(isOk) ? 0 : 1;
  },
};

function isOk({ state }: Finding): boolean {
  return state === 'ok';
}

function patientOf({ args, io, deps }: Call): Parameters<typeof examine>[0] {
  const { source, dataDir } = operatorLocations(args, io, deps);
  const url = args.text('upstream');
  const configured = source.kind === 'file' ? loadConfig(source.file, io.env) : undefined;
  const result = url === undefined ? configured : configForUpstream(url);
  return {
    dataDir,
    cwd: io.cwd,
    env: io.env,
    nowMs: io.nowMs(),
    configFile: source.kind === 'file' ? source.file : undefined,
    loaded: result?.ok === true ? result.loaded : undefined,
    storeExists: () => deps.storeExists(dataDir, source),
    inspectStore: () => deps.inspectStore(dataDir, source),
    failureText: deps.failureText,
  };
}

function print({ id, state, message, hint }: Finding, { out }: Call): void {
  out.line(`${out.tone(TONES[state], state.padEnd(7))}  ${id.padEnd(18)}  ${out.plain(message)}`);
  if (hint !== '') out.line(`${' '.repeat(29)}${out.tone('dim', out.plain(hint))}`);
}
