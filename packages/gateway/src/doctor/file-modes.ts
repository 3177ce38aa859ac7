import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gatherFacts } from '../config/setting-facts.ts';
import { fileFindings } from '../config/weak-surroundings.ts';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

const SHOWN_MAX = 3;

/** Whether only their owner may touch the data and the files with secrets (SB15). */
export const fileModes: Check = { id: 'file-modes', look };

function look(patient: Patient): Verdict {
  const open = [...openInData(patient.dataDir), ...openSecrets(patient)];
  if (open.length === 0) return fine('Data and secret files are their owner\u2019s alone.');
  const shown = open.slice(0, SHOWN_MAX).join(', ');
  const more = open.length > SHOWN_MAX ? `, and ${open.length - SHOWN_MAX} more` : '';
  return {
    state: 'failed',
    message: `Others may use: ${shown}${more}.`,
    hint: 'chmod 700 the directory, chmod 600 the files.',
  };
}

function openInData(dataDir: string): readonly string[] {
  if (statSync(dataDir, { throwIfNoEntry: false }) === undefined) return [];
  const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  return [dataDir, ...names.map((name) => join(dataDir, name))].filter(isOpenToOthers);
}

/** A symbolic link has no mode of its own. */
function isOpenToOthers(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isSymbolicLink() && (stat.mode & 0o077) !== 0;
}

function openSecrets({ loaded, dataDir, env }: Patient): readonly string[] {
  if (loaded === undefined) return [];
  const findings = fileFindings(loaded, gatherFacts(loaded, { dataDir, environment: env }));
  return findings.filter(({ code }) => code === 'secret-file-readable').map(({ path }) => path);
}
