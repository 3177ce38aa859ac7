/*
 * What inspection costs at its worst: beginnings of what rules look for, over and over, so that each place nearly matches.
 * Prints the worst seeds, and how cost grows from 8 KB to 64 KB and 1 MB of them: 8 and 16 times the text.
 * node --conditions=source bench/waf-hostile.ts [how many to print]
 */
import { cpuUsage } from 'node:process';

import { WAF_RULES } from '../packages/core/src/waf/rules.ts';
import { waf, wafInspector } from '../packages/core/src/waf/waf.ts';

const KIB = 1024;
const inspect = waf({ threshold: 1000, classThresholds: {}, fields: [], exceptions: [] }, wafInspector());

function cost(seed: string, bytes: number, turns: number): number {
  const value = seed.repeat(Math.ceil(bytes / seed.length)).slice(0, bytes);
  let least = Infinity;
  for (let turn = 0; turn < turns; turn += 1) {
    const before = cpuUsage();
    inspect.body({ text: value, type: 'text/plain' }, 0);
    const { user, system } = cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

const seeds = new Set(
  WAF_RULES.flatMap(({ attacks, literals }) => [
    ...attacks.flatMap((attack) => [attack, attack.slice(0, -1), attack.slice(0, attack.length / 2)]),
    ...literals.flatMap((literal) => [literal, `${literal} `, `${literal}(`, `${literal}a`, ` ${literal}="`]),
  ]),
);
const shown = Number(process.argv[2] ?? 15);
const measured = [...seeds].filter((seed) => seed !== '').map((seed) => ({ seed, small: cost(seed, 8 * KIB, 2) }));
const worst = measured.toSorted((one, other) => other.small - one.small).slice(0, shown);
console.log('     8 KB µs    64 KB ×     1 MB ×  seed');
for (const { seed } of worst) {
  const small = cost(seed, 8 * KIB, 5);
  const large = cost(seed, 64 * KIB, 3);
  const largest = cost(seed, 1024 * KIB, 1);
  const columns = [small.toFixed(0), (large / small).toFixed(1), (largest / large).toFixed(1)];
  console.log(`${columns.map((text) => text.padStart(10)).join(' ')}  ${JSON.stringify(seed)}`);
}
