/*
 * Attacks of our own: payloads × encodings × places, and how many inspection finds, by class.
 *
 * With --held, those that detectors are not worked on with: they say how well the rest carries over.
 * node --conditions=source bench/waf-attacks.ts [count per class] [seed] [--held] [--by mutation|place|payload] [--show] [--class a,b]
 */
import { parseArgs } from 'node:util';

import { waf, wafInspector } from '../packages/core/src/waf/waf.ts';
import { DISGUISES, ENCODINGS, type Mutation } from './waf-mutations.ts';
import { JAVA, PHP, SSTI } from './waf-payloads/code.ts';
import { HELD } from './waf-payloads/held.ts';
import { FILE, LFI, RFI, SSRF, XXE } from './waf-payloads/files.ts';
import { filled } from './waf-payloads/fill.ts';
import { CRLF, LDAP, MAIL, PROTOTYPE, SCANNER, SSI, XPATH } from './waf-payloads/others.ts';
import { RCE } from './waf-payloads/rce.ts';
import { NOSQLI, SQLI } from './waf-payloads/sqli.ts';
import { XSS } from './waf-payloads/xss.ts';
import { PLACES, PLACES_OF, WHOLE } from './waf-places.ts';
import { type BenchRequest, chance, type Chance, judge } from './waf-requests.ts';

const PAYLOADS: Readonly<Record<string, readonly string[]>> = {
  sqli: SQLI,
  nosqli: NOSQLI,
  xss: XSS,
  rce: RCE,
  lfi: LFI,
  rfi: RFI,
  ssrf: SSRF,
  ssti: SSTI,
  php: PHP,
  java: JAVA,
  xxe: XXE,
  xpath: XPATH,
  ldap: LDAP,
  ssi: SSI,
  mail: MAIL,
  crlf: CRLF,
  prototype: PROTOTYPE,
  file: FILE,
  scanner: SCANNER,
};
/** Classes whose payloads are names or tokens that only count as they are written. */
const PLAIN_ONLY = new Set(['file', 'scanner']);

interface Attack {
  readonly cls: string;
  readonly template: string;
  readonly mutation: string;
  readonly place: string;
  readonly value: string;
  readonly request: BenchRequest;
}

/** One attack of a class. */
function attackOf(cls: string, held: boolean, pick: Chance): Attack {
  const template = pick.of((held ? HELD : PAYLOADS)[cls] ?? []);
  const [mutation, write] = mutationOf(cls, pick);
  const value = write(filled(template, pick), pick);
  const place = pick.of(cls === 'file' ? ['path'] : (PLACES_OF[cls] ?? Object.keys(PLACES)));
  const request = (PLACES[place] ?? WHOLE[place])?.(value, pick);
  if (request === undefined) throw new Error(`no place ${place}`);
  return { cls, template, mutation, place, value, request };
}

/** As it is in a half of the cases; else an encoding, or what the interpreters of the class undo. */
function mutationOf(cls: string, pick: Chance): readonly [string, Mutation] {
  if (PLAIN_ONLY.has(cls) || pick.below(2) === 0) return ['none', (text) => text];
  return pick.of([...Object.entries(ENCODINGS), ...Object.entries(DISGUISES[cls] ?? {})]);
}

interface Tally {
  all: number;
  found: number;
}

function count(tallies: Map<string, Tally>, key: string, isFound: boolean): void {
  const tally = tallies.get(key) ?? { all: 0, found: 0 };
  tallies.set(key, { all: tally.all + 1, found: tally.found + (isFound ? 1 : 0) });
}

interface Options {
  readonly classes: readonly string[];
  readonly times: number;
  readonly seed: number;
  readonly held: boolean;
  readonly show: boolean;
  readonly by: string;
}

function options(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      held: { type: 'boolean', default: false },
      show: { type: 'boolean', default: false },
      by: { type: 'string', default: 'class' },
      class: { type: 'string' },
    },
  });
  const [times = 600, seed = 1] = positionals.map(Number);
  return { ...values, times, seed, classes: values.class?.split(',') ?? Object.keys(PAYLOADS) };
}

function keyOf({ cls, mutation, place, template }: Attack, by: string): string {
  return { mutation, place, payload: `${cls}: ${template}` }[by] ?? cls;
}

function main(): void {
  const { classes, times, seed, held, show, by } = options();
  const inspect = waf({ threshold: 5, classThresholds: {}, fields: [], exceptions: [] }, wafInspector());
  const pick = chance(seed);
  const tallies = new Map<string, Tally>();
  for (const cls of classes) {
    for (let turn = 0; turn < times; turn += 1) {
      const attack = attackOf(cls, held, pick);
      const isFound = judge(inspect, attack.request) !== undefined;
      count(tallies, keyOf(attack, by), isFound);
      count(tallies, 'all', isFound);
      if (show && !isFound)
        console.log(`${cls} | ${attack.mutation} | ${attack.place} | ${JSON.stringify(attack.value)}`);
    }
  }
  for (const [key, { all, found }] of [...tallies].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    console.log(`${((100 * found) / all).toFixed(1).padStart(6)} % of ${String(all).padStart(6)}  ${key}`);
}

main();
