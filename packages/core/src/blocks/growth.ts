/** What is remembered of a subject's last block. */
export interface PastBlock {
  /** The first is 1. */
  readonly level: number;
  readonly untilMs: number;
}

/** Which block in a row this one is: one that follows within `forgetAfterMs` after the end of the last grows. */
export function nextLevel(past: PastBlock | undefined, nowMs: number, forgetAfterMs: number): number {
  return past === undefined || past.untilMs + forgetAfterMs <= nowMs ? 1 : past.level + 1;
}

/** How long a block of this level lasts: the steps in order, and the last of them from then on. */
export function blockMs(level: number, stepsMs: readonly number[]): number {
  return stepsMs[Math.min(level, stepsMs.length) - 1] ?? 0;
}
