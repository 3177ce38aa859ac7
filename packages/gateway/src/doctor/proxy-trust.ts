import { gatherFacts } from '../config/setting-facts.ts';
import type { WeakCode } from '../config/weak-finding.ts';
import { auditSettings } from '../config/weak-settings.ts';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

const ABOUT_PROXIES: readonly WeakCode[] = ['proxies-everyone', 'proxy-untrusted', 'listener-plain-http', 'hosts-open'];

/** Whether the right ones are believed about where requests come from. */
export const proxyTrust: Check = { id: 'proxy-trust', look };

function look({ loaded, configFile, dataDir, env }: Patient): Verdict {
  if (loaded === undefined && configFile !== undefined) {
    return { state: 'failed', message: 'The configuration does not load.', hint: 'steadygate check says why.' };
  }
  if (loaded === undefined) return fine('No configuration: nobody is believed about addresses.');
  const findings = auditSettings(loaded, gatherFacts(loaded, { dataDir, environment: env }));
  const finding = findings.find(({ code }) => ABOUT_PROXIES.includes(code));
  if (finding !== undefined) {
    const { path, message, hint, severity } = finding;
    return { state: severity === 'critical' ? 'failed' : 'warning', message: `${path}: ${message}`, hint };
  }
  const trusted = loaded.config.trustedProxies;
  if (trusted.length === 0) return fine('Nobody is believed about addresses: clients connect to the gate directly.');
  return fine(`Believed about addresses: ${trusted.join(', ')}.`);
}
