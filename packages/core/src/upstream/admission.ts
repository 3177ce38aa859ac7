/** How many requests an upstream gets at once, and how many wait. */
export interface ConcurrencyPolicy {
  /** In flight at once, over all targets; streams and sockets count while they are open. */
  readonly max: number;
  /** Waiting at most, in the order in which they came. */
  readonly queueMax: number;
  readonly waitMs: number;
}

/** What an upstream has to do now. */
export interface Occupancy {
  readonly inFlight: number;
  readonly queued: number;
}

/** Whether a request may go on, waits for a place, or finds no room. Nobody overtakes who waits. */
export function admission({ inFlight, queued }: Occupancy, policy: ConcurrencyPolicy): 'go' | 'wait' | 'refuse' {
  if (inFlight < policy.max && queued === 0) return 'go';
  return queued < policy.queueMax ? 'wait' : 'refuse';
}

/** Seconds after which there may be room again, at least 1. */
export function retryAfterSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
