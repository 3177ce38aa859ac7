/** How targets share requests: in turn, or to whom has the fewest in flight; by weight in both. */
export type Balance = 'roundRobin' | 'leastConnections';

/** What is known of one target at the moment of a choice. */
export interface TargetFacts {
  /** At least 1. */
  readonly weight: number;
  /** Requests, streams and sockets that run. */
  readonly inFlight: number;
  /** How far it has come in the turn: see `nextPass`. */
  readonly pass: number;
  /** What health checks say; true where there are none. */
  readonly isUp: boolean;
  /** Requests have failed: it is left out until then. */
  readonly ejectedUntilMs: number;
}

/** The circumstances of a choice. */
export interface Choice {
  readonly balance: Balance;
  readonly nowMs: number;
  /** Those that were tried for this request: each gets it once at most. */
  readonly tried: readonly TargetFacts[];
  /** Of a retry: only targets in service are worth another request. */
  readonly onlyInService: boolean;
}

/** Whether a target is up and not ejected. */
export function isInService({ isUp, ejectedUntilMs }: TargetFacts, nowMs: number): boolean {
  return isUp && ejectedUntilMs <= nowMs;
}

/**
 * The target for a request; undefined when none may get it.
 *
 * A target in service comes before all others. When none is, requests go on to those that are up though ejected, and else
 * to those that are down: a wrong health check must not stop an application that works.
 */
export function chooseTarget<Target extends TargetFacts>(
  targets: readonly Target[],
  choice: Choice,
): Target | undefined {
  let best: Target | undefined;
  for (const target of targets) {
    if (isOut(target, choice)) continue;
    if (best === undefined || precedes(target, best, choice)) best = target;
  }
  return best;
}

function isOut(target: TargetFacts, { nowMs, tried, onlyInService }: Choice): boolean {
  return tried.includes(target) || (onlyInService && !isInService(target, nowMs));
}

function precedes(a: TargetFacts, b: TargetFacts, { balance, nowMs }: Choice): boolean {
  const byService = serviceRank(a, nowMs) - serviceRank(b, nowMs);
  if (byService !== 0) return byService < 0;
  const byLoad = balance === 'leastConnections' ? load(a) - load(b) : 0;
  return byLoad === 0 ? a.pass < b.pass : byLoad < 0;
}

function serviceRank({ isUp, ejectedUntilMs }: TargetFacts, nowMs: number): number {
  if (!isUp) return 2;
  return ejectedUntilMs > nowMs ? 1 : 0;
}

function load({ inFlight, weight }: TargetFacts): number {
  return (inFlight + 1) / weight;
}

/**
 * The pass of a target after it was chosen (stride scheduling): the smallest pass is next, and a heavy target advances in
 * small steps.
 *
 * @param floor the pass of the target chosen before: whoever comes back starts here and catches nothing up
 */
export function nextPass({ pass, weight }: Pick<TargetFacts, 'pass' | 'weight'>, floor: number): number {
  return Math.max(pass, floor) + 1 / weight;
}

/** Whether a target may be ejected: never the last that is in service. */
export function isSpare(target: TargetFacts, targets: readonly TargetFacts[], nowMs: number): boolean {
  return targets.some((other) => other !== target && isInService(other, nowMs));
}
