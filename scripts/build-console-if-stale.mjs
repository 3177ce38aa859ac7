// Runs before `npm start`: builds the console when it is missing or older than what it is made of.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CONSOLE = join(ROOT, 'apps/console');
const BUILT = join(CONSOLE, 'dist/index.html');
const SOURCES = [
  join(CONSOLE, 'src'),
  join(CONSOLE, 'public'),
  join(CONSOLE, 'index.html'),
  join(CONSOLE, 'package.json'),
  join(CONSOLE, 'vite.config.ts'),
  join(ROOT, 'packages/contract/src'),
];

function newestMs(path) {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  // The folder's own time counts too: it tells of a file that was removed.
  const inside = readdirSync(path, { recursive: true }).map((name) => statSync(join(path, name)).mtimeMs);
  return Math.max(statSync(path).mtimeMs, ...inside);
}

function isStale() {
  return !existsSync(BUILT) || Math.max(...SOURCES.map(newestMs)) > statSync(BUILT).mtimeMs;
}

if (isStale()) {
  // Standard output belongs to the server that starts next: `npm start -- --json` is read by programs.
  const command = ['run', '--silent', 'build', '--', '--logLevel', 'warn'];
  const built = spawnSync('npm', command, { cwd: CONSOLE, stdio: ['ignore', 2, 2] });
  // The gate protects without its console, which says itself that it is not built.
  if (built.status !== 0) process.stderr.write('The console could not be built; starting without it.\n');
}
