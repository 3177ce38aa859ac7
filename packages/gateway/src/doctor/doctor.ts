import type { Check, Finding, Patient, Verdict } from './check.ts';
import { clock } from './clock.ts';
import { fileModes } from './file-modes.ts';
import { nodeVersion } from './node-version.ts';
import { proxyTrust } from './proxy-trust.ts';
import { socketLength } from './socket-length.ts';
import { storeIntegrity } from './store-integrity.ts';
import { strayFiles } from './stray-files.ts';
import { upstreamsAround } from './upstreams-around.ts';

const CHECKS: readonly Check[] = [
  nodeVersion,
  proxyTrust,
  clock,
  fileModes,
  strayFiles,
  upstreamsAround,
  storeIntegrity,
  socketLength,
];

/** Runs every check. A check that cannot look says so; it never counts as fine. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  return Promise.all(CHECKS.map(async (check) => ({ id: check.id, ...(await lookSafely(check, patient)) })));
}

async function lookSafely(check: Check, patient: Patient): Promise<Verdict> {
  try {
    return await check.look(patient);
  } catch (cause) {
    const reason =
      patient.failureText(cause) ?? (cause instanceof Error && 'code' in cause ? String(cause.code) : 'a bug');
    return {
      state: 'failed',
      message: `This could not be looked at: ${reason}.`,
      hint: 'Run it as the user that runs the server.',
    };
  }
}
