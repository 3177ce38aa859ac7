import type { Outcome } from './upstream-policy.ts';

/** When a target is left out because of what became of its requests. */
export interface EjectionPolicy {
  /** Failures in a row. */
  readonly failures: number;
  /** How long the first time; twice as long each time it fails again. */
  readonly forMs: number;
  readonly forMsMax: number;
}

/** A target's record, as far as ejection goes. */
export interface EjectionState {
  /** Failures in a row. */
  readonly failures: number;
  /** Ejections without a good time between them; 0: none. */
  readonly level: number;
  /** It is left out before this moment. */
  readonly untilMs: number;
}

/** Of a target that nothing is held against. */
export const NOT_EJECTED: EjectionState = { failures: 0, level: 0, untilMs: 0 };

/** What an outcome is judged by. */
export interface EjectionContext {
  readonly policy: EjectionPolicy;
  readonly nowMs: number;
  /** False for the last target in service: it is never ejected, and its failures are those of its callers. */
  readonly isSpare: boolean;
}

/**
 * A target's record after one more outcome; the same object when nothing changed.
 *
 * After its time it is back, on probation: for as long as it was away, one failure ejects it again, for twice as long. What
 * becomes of requests that were under way when it was ejected says nothing new.
 */
export function ejectionAfter(state: EjectionState, outcome: Outcome, context: EjectionContext): EjectionState {
  if (context.nowMs < state.untilMs) return state;
  return outcome === 'success' ? afterSuccess(state, context) : afterFailure(state, context);
}

function afterSuccess(state: EjectionState, { policy, nowMs }: EjectionContext): EjectionState {
  const isCleared = state.level > 0 && nowMs >= state.untilMs + lengthMs(policy, state.level);
  if (state.failures === 0 && !isCleared) return state;
  return isCleared ? NOT_EJECTED : { ...state, failures: 0 };
}

function afterFailure(state: EjectionState, { policy, nowMs, isSpare }: EjectionContext): EjectionState {
  const isCleared = state.level > 0 && nowMs >= state.untilMs + lengthMs(policy, state.level);
  const level = isCleared ? 0 : state.level;
  const enough = level > 0 ? 1 : policy.failures;
  const failures = Math.min(state.failures + 1, enough);
  if (failures < enough || !isSpare) return { failures, level, untilMs: state.untilMs };
  return { failures: 0, level: level + 1, untilMs: nowMs + lengthMs(policy, level + 1) };
}

function lengthMs({ forMs, forMsMax }: EjectionPolicy, level: number): number {
  return Math.min(forMs * 2 ** (level - 1), forMsMax);
}
