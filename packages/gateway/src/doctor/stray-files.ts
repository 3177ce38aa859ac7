import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { strayFilesIn } from '../config/setting-facts.ts';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

/** What editors, people and dump programs leave behind: `steadygate.yaml~`, `config.old`, `dump.sql`. */
const LEFT_BEHIND = /(?:~|\.(?:bak|backup|old|orig|save|swp|sql|dump))(?:\.gz)?$/i;

/** Whether files that usually hold secrets lie about (SB16). */
export const strayFiles: Check = { id: 'stray-files', look };

function look({ cwd, configFile }: Patient): Verdict {
  const configFolder = configFile === undefined ? undefined : dirname(configFile);
  const folders = [...new Set([cwd, ...(configFolder === undefined ? [] : [configFolder])])];
  const found = [...new Set([...folders.flatMap(strayFilesIn), ...folders.flatMap(copiesIn)])];
  if (found.length === 0) return fine('No stray secret or backup files where the gate works.');
  return {
    state: 'warning',
    message: `Files that usually hold secrets lie about: ${found.join(', ')}.`,
    hint: 'Remove them, or move them out of the deployment.',
  };
}

function copiesIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEFT_BEHIND.test(basename(entry.name)))
    .map(({ name }) => join(folder, name))
    .toSorted();
}
