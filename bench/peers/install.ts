import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes sure that the programs to compare with are there: npm packages are installed here, beside no part of the product. */
export function requirePeers(): void {
  for (const program of ['nginx', 'wrk', 'taskset']) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    } catch {
      throw new Error(`${program} is missing. On Debian: apt-get install nginx-light wrk util-linux`);
    }
  }
  const marker = join(import.meta.dirname, 'node_modules/.package-lock.json');
  if (existsSync(marker)) return;
  mkdirSync(dirname(marker), { recursive: true });
  execFileSync('npm', ['ci', '--no-fund', '--no-audit'], { cwd: import.meta.dirname, stdio: 'inherit' });
}
