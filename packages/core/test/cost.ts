import { cpuUsage } from 'node:process';

/** Lengths of a small and a large text: eight times as long. */
const SMALL = 8 * 1024;
const LARGE = 64 * 1024;
/** Eight times the text may cost twelve times the CPU: more is no straight line. */
const GROWTH_MAX = 12;
/** Below this a clock says nothing. */
const NOISE_US = 2000;
const TURNS = 5;

/** A text of one length, made of one piece over and over. */
export const filled = (seed: string, length: number): string =>
  seed.repeat(Math.ceil(length / seed.length)).slice(0, length);

/** What a run costs on a small text and on a large one, in microseconds of CPU. */
export interface Costs {
  readonly small: number;
  readonly large: number;
}

/** Measures a run on both. */
export function costs(run: (length: number) => unknown): Costs {
  return { small: cost(() => run(SMALL), TURNS), large: cost(() => run(LARGE), TURNS) };
}

/** The same on 128 KiB and on a megabyte. */
export function costsOfMegabyte(run: (length: number) => unknown): Costs {
  return { small: cost(() => run(16 * SMALL), 3), large: cost(() => run(16 * LARGE), 3) };
}

/** Whether the larger cost is at most what a straight line allows. */
export function isLinear({ small, large }: Costs): boolean {
  return large < Math.max(small, NOISE_US) * GROWTH_MAX;
}

/** The same of a megabyte, whose garbage is collected within the run: a square would cost 64 times as much. */
export function isLinearToMegabyte({ small, large }: Costs): boolean {
  return large < Math.max(small, NOISE_US) * 2 * GROWTH_MAX;
}

function cost(run: () => unknown, turns: number): number {
  let least = Infinity;
  for (let turn = 0; turn < turns; turn += 1) {
    const before = cpuUsage();
    run();
    const { user, system } = cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}
