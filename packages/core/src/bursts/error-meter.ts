/** When a caller's failures stand out. */
export interface ErrorSettings {
  readonly windowMs: number;
  /** Fewer failures within a window never do. */
  readonly atLeast: number;
}

/** A window with more failures than it should have. */
export interface ErrorSurge {
  readonly errors: number;
  readonly requests: number;
  /** The share of failures in a usual window, from 0 to 1. */
  readonly usual: number;
}

const CALLERS_MAX = 50_000;
const WEIGHT = 0.1;
/** Half of the requests, or three times the usual share; nine in ten are too many for everybody. */
const SHARE = 0.5;
const FACTOR = 3;
const SHARE_MAX = 0.9;

interface Tally {
  windowEndMs: number;
  requests: number;
  errors: number;
  usual: number;
  isTold: boolean;
}

/** Learns which share of each caller's requests fails, and tells once of a window in which it stands out. Bounded. */
export class ErrorMeter {
  readonly #tallies = new Map<string, Tally>();
  readonly #callersMax: number;

  constructor(callersMax: number = CALLERS_MAX) {
    this.#callersMax = callersMax;
  }

  get size(): number {
    return this.#tallies.size;
  }

  /** Counts one request of a caller. */
  note(
    caller: string,
    { isError, nowMs }: { isError: boolean; nowMs: number },
    settings: ErrorSettings,
  ): ErrorSurge | undefined {
    const tally = this.#tallies.get(caller) ?? this.#begun(caller);
    if (nowMs >= tally.windowEndMs) this.#nextWindow(caller, tally, nowMs + settings.windowMs);
    tally.requests += 1;
    if (!isError) return undefined;
    tally.errors += 1;
    if (tally.isTold || !standsOut(tally, settings)) return undefined;
    tally.isTold = true;
    const { errors, requests, usual } = tally;
    return { errors, requests, usual: Math.round(usual * 100) / 100 };
  }

  #begun(caller: string): Tally {
    const oldest = this.#tallies.size >= this.#callersMax ? this.#tallies.keys().next() : undefined;
    if (oldest?.done === false) this.#tallies.delete(oldest.value);
    const tally = { windowEndMs: 0, requests: 0, errors: 0, usual: 0, isTold: false };
    this.#tallies.set(caller, tally);
    return tally;
  }

  #nextWindow(caller: string, tally: Tally, windowEndMs: number): void {
    if (tally.requests > 0) tally.usual += WEIGHT * (tally.errors / tally.requests - tally.usual);
    Object.assign(tally, { windowEndMs, requests: 0, errors: 0, isTold: false });
    this.#tallies.delete(caller);
    this.#tallies.set(caller, tally);
  }
}

function standsOut({ errors, requests, usual }: Tally, { atLeast }: ErrorSettings): boolean {
  return errors >= atLeast && errors / requests >= Math.min(SHARE_MAX, Math.max(SHARE, FACTOR * usual));
}
