import { ejectionAfter, healthAfter, isSpare, NOT_EJECTED, type Outcome } from '@steadygate/core';
import type { CheckResult } from './health-check.ts';
import type { Target } from './target.ts';
import type { UpstreamState } from './upstream-state.ts';

/** An attempt, as its target began it. */
export interface Attempt {
  readonly target: Target;
  /** Ejections of the target until then: what comes of attempts from before one says nothing new. */
  readonly ejections: number;
}

/** Puts the outcome of an attempt on its target's record, and ejects it if that is enough. */
export function judgeAttempt(state: UpstreamState, { target, ejections }: Attempt, outcome: Outcome): void {
  if (outcome === 'failure') target.counts.failures += 1;
  else if (target.ejection === NOT_EJECTED) return;
  const policy = state.policy.ejection;
  if (policy === undefined || target.isDraining || ejections !== target.counts.ejections) return;
  const nowMs = state.deps.nowMs();
  const before = target.ejection;
  const context = { policy, nowMs, isSpare: isSpare(target, state.targets, nowMs) };
  target.ejection = ejectionAfter(before, outcome, context);
  if (target.ejection.level > before.level) tellEjected(state, target, target.ejection.untilMs - nowMs);
}

function tellEjected(state: UpstreamState, target: Target, lengthMs: number): void {
  const { deps } = state;
  const told = { upstream: state.name, target: target.address.url.origin };
  const { untilMs } = target.ejection;
  target.counts.ejections += 1;
  deps.onEvent({ ...told, kind: 'ejected', reason: `its requests failed; for ${lengthMs} ms` });
  deps.after(lengthMs, () => {
    const isStill = target.ejection.untilMs === untilMs && !target.isDraining;
    if (isStill) deps.onEvent({ ...told, kind: 'returned', reason: 'its time is over' });
  });
}

/** Puts the result of a check on its target's record. */
export function judgeCheck(state: UpstreamState, target: Target, result: CheckResult): void {
  const policy = state.policy.health;
  if (policy === undefined) return;
  target.lastCheck = result;
  target.counts.checks += 1;
  if (!result.isGood) target.counts.failedChecks += 1;
  const wasUp = target.isUp;
  target.health = healthAfter(target.health, result.isGood, policy);
  if (target.isUp === wasUp) return;
  const kind = target.isUp ? 'up' : 'down';
  const reason = `its check said ${result.detail}`;
  state.deps.onEvent({ upstream: state.name, target: target.address.url.origin, kind, reason });
}
