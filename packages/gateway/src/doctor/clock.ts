import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

/** Before this program was written: a clock that stands there was never set. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
/** Tokens live ten minutes and assertions one: more than this is felt. */
const DRIFT_MS_MAX = 2000;
/** File systems keep time coarsely, and over a network it is another machine's. */
const FUTURE_MS_MAX = 60_000;

/** Whether the clock can be believed: every limit, token and session hangs on it. */
export const clock: Check = {
  id: 'clock',
  look: ({ dataDir, nowMs }: Patient) => {
    const monotonicMs = performance.timeOrigin + performance.now();
    return judgeClock({ nowMs, driftMs: Date.now() - monotonicMs, newestFileMs: newestIn(dataDir) });
  },
};

/** What is known of the clock. */
export interface ClockFacts {
  readonly nowMs: number;
  /** How far the wall clock moved against the monotonic one since this process began. */
  readonly driftMs: number;
  /** When something in the data directory was last changed; 0 when there is nothing. */
  readonly newestFileMs: number;
}

/** The verdict on a clock. */
export function judgeClock({ nowMs, driftMs, newestFileMs }: ClockFacts): Verdict {
  const hint = 'Set it, and keep it set with NTP: tokens, sessions, limits and the audit log hang on it.';
  if (nowMs < EARLIEST_MS) return { state: 'failed', message: 'The clock stands before this program was made.', hint };
  if (newestFileMs > nowMs + FUTURE_MS_MAX) {
    const seconds = Math.round((newestFileMs - nowMs) / 1000);
    return { state: 'failed', message: `Data was written ${seconds} s in the future: the clock went back.`, hint };
  }
  if (Math.abs(driftMs) > DRIFT_MS_MAX) {
    return { state: 'warning', message: `The clock jumped by ${Math.round(driftMs)} ms just now.`, hint };
  }
  return fine('The clock runs evenly, and no data lies in its future.');
}

function newestIn(folder: string): number {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return 0;
  const times = readdirSync(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Math.max(0, ...times);
}
