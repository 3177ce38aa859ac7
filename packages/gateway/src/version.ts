import { readFileSync } from 'node:fs';

/** The version of this program, as its package says. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  // Our own package.json, which always has a version.
  return (JSON.parse(text) as { version: string }).version;
}
