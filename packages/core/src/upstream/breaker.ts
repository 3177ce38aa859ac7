import type { Outcome } from './upstream-policy.ts';

/** When an upstream is not asked any more, as a whole. */
export interface BreakerPolicy {
  /** The share of failures, 1 to 100, that opens it. */
  readonly failurePercent: number;
  /** Requests within `withinMs` below which the share means nothing. */
  readonly requestsMin: number;
  readonly withinMs: number;
  /** How long nobody is let through. */
  readonly openMs: number;
  /** Requests that are then let through, all of which must succeed. */
  readonly probes: number;
}

interface Tally {
  readonly requests: number;
  readonly failures: number;
}

/** `round` numbers the states: an outcome counts only in the round in which its request was let through. */
export type BreakerState = { readonly round: number } & (
  | { readonly kind: 'closed'; readonly sinceMs: number; readonly before: Tally; readonly now: Tally }
  | { readonly kind: 'open'; readonly untilMs: number }
  | { readonly kind: 'halfOpen'; readonly admitted: number; readonly succeeded: number }
);

const NONE: Tally = { requests: 0, failures: 0 };

/** Of an upstream that nobody has asked yet. */
export const CLOSED: BreakerState = { round: 0, kind: 'closed', sinceMs: 0, before: NONE, now: NONE };

/** What a request and its outcome are judged by. */
export interface BreakerContext {
  readonly policy: BreakerPolicy;
  readonly nowMs: number;
}

/** Whether a request would be refused at once. It is let through by `admittedByBreaker` only. */
export function refusesNow(state: BreakerState, { policy, nowMs }: BreakerContext): boolean {
  if (state.kind === 'open') return nowMs < state.untilMs;
  return state.kind === 'halfOpen' && state.admitted >= policy.probes;
}

/** The state with one more request let through; undefined when it must be refused. */
export function admittedByBreaker(state: BreakerState, context: BreakerContext): BreakerState | undefined {
  if (refusesNow(state, context)) return undefined;
  if (state.kind === 'closed') return state;
  if (state.kind === 'halfOpen') return { ...state, admitted: state.admitted + 1 };
  return { round: state.round + 1, kind: 'halfOpen', admitted: 1, succeeded: 0 };
}

/**
 * The state after the outcome of a request that was let through in `round`; undefined: it ended without saying anything,
 * as when its caller left.
 */
export function breakerAfter(
  state: BreakerState,
  { round, outcome }: { readonly round: number; readonly outcome: Outcome | undefined },
  context: BreakerContext,
): BreakerState {
  if (round !== state.round || state.kind === 'open') return state;
  if (state.kind === 'halfOpen') return afterProbe(state, outcome, context);
  return outcome === undefined ? state : afterRequest(state, outcome, context);
}

function afterProbe(
  state: Extract<BreakerState, { kind: 'halfOpen' }>,
  outcome: Outcome | undefined,
  { policy, nowMs }: BreakerContext,
): BreakerState {
  if (outcome === 'failure') return opened(state.round, { policy, nowMs });
  // Its place goes to somebody else.
  if (outcome === undefined) return { ...state, admitted: state.admitted - 1 };
  const succeeded = state.succeeded + 1;
  if (succeeded < policy.probes) return { ...state, succeeded };
  return { round: state.round + 1, kind: 'closed', sinceMs: nowMs, before: NONE, now: NONE };
}

function afterRequest(
  state: Extract<BreakerState, { kind: 'closed' }>,
  outcome: Outcome,
  context: BreakerContext,
): BreakerState {
  const { sinceMs, before, now } = turned(state, context);
  const counted = { requests: now.requests + 1, failures: now.failures + (outcome === 'failure' ? 1 : 0) };
  const requests = before.requests + counted.requests;
  const failures = before.failures + counted.failures;
  const { requestsMin, failurePercent } = context.policy;
  if (outcome === 'failure' && requests >= requestsMin && failures * 100 >= requests * failurePercent) {
    return opened(state.round, context);
  }
  return { round: state.round, kind: 'closed', sinceMs, before, now: counted };
}

/** Two halves of the window: the older one goes as a whole, so that counting needs no list. */
function turned(
  { sinceMs, before, now }: Extract<BreakerState, { kind: 'closed' }>,
  { policy, nowMs }: BreakerContext,
): Omit<Extract<BreakerState, { kind: 'closed' }>, 'kind' | 'round'> {
  const halfMs = policy.withinMs / 2;
  const ageMs = nowMs - sinceMs;
  if (ageMs < halfMs) return { sinceMs, before, now };
  return { sinceMs: nowMs, before: ageMs < policy.withinMs ? now : NONE, now: NONE };
}

function opened(round: number, { policy, nowMs }: BreakerContext): BreakerState {
  return { round: round + 1, kind: 'open', untilMs: nowMs + policy.openMs };
}
