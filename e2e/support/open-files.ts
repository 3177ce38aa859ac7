import { execFileSync } from 'node:child_process';

/** What the tests of many connections want: clients and gate in processes of their own. */
const OPEN_FILES_WANTED = 6_000;

/** How many files a process of this user may open: `ulimit -n`. */
function openFilesMax(): number {
  const text = execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  return text === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(text);
}

/** `wanted` connections, or as many as leave this process room for everything else. */
export function affordable(wanted: number): number {
  return Math.max(100, Math.min(wanted, openFilesMax() - 500));
}

/** Says that tests of many connections run with fewer; undefined when they do not. */
export function scaledDown(): string | undefined {
  const max = openFilesMax();
  if (max >= OPEN_FILES_WANTED) return undefined;
  return `scaled down: tests of many connections (ulimit -n is ${max}, ${OPEN_FILES_WANTED} are wanted)`;
}
