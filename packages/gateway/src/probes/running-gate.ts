import type { Gate } from '../compose.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import type { Config } from '../config/schema.ts';
import { Secret } from '../config/secret.ts';
import { gatherFacts } from '../config/setting-facts.ts';
import type { WeakSetting } from '../config/weak-finding.ts';
import { auditSettings, refusingFindings } from '../config/weak-settings.ts';
import type { Patient } from '../doctor/check.ts';
import type { ConfigVariation, RunningGate } from './probe.ts';

const VARIATIONS: Readonly<Record<ConfigVariation, (config: Config) => Config>> = {
  'no-key-encryption-key': (config) => ({ ...config, secrets: { ...config.secrets, keyEncryptionKey: undefined } }),
  'weak-secret': (config) => ({ ...config, secrets: { ...config.secrets, keyEncryptionKey: new Secret('changeme') } }),
  'plain-database': (config) => {
    const url = new Secret('postgres://gate@db.example/gate?sslmode=disable');
    return { ...config, store: { ...config.store, kind: 'postgres', url, caFile: undefined } };
  },
  'cors-open': (config) => {
    const { guards } = config;
    return { ...config, guards: { ...guards, cors: { ...guards.cors, origins: ['*'] } } };
  },
};

/** The gate that people use, for probes that look at it from inside. */
export function runningGate(
  gate: Pick<Gate, 'runtime' | 'store' | 'counters' | 'others'>,
  patient: Patient,
): RunningGate {
  const { loaded } = gate.runtime;
  const audit = (config: Config): readonly WeakSetting[] => auditOf({ ...loaded, config }, patient);
  return {
    generation: () => gate.runtime.current(),
    config: () => gate.runtime.config,
    patient: { ...patient, loaded },
    instances: gate,
    store: () => gate.store.facts(),
    findings: () => audit(loaded.config),
    refusalsOf: (variation) => {
      const varied = VARIATIONS[variation]({ ...loaded.config, environment: 'production' });
      return refusingFindings(audit(varied), 'production');
    },
  };
}

function auditOf(loaded: LoadedConfig, { dataDir, env }: Patient): readonly WeakSetting[] {
  return auditSettings(loaded, gatherFacts(loaded, { dataDir, environment: env }));
}
