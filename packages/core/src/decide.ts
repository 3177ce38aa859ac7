import type { Decision } from './decision.ts';
import type { Denial, Finding } from './finding.ts';
import type { DenyVerdict, Guard, GuardContext, Verdict } from './guard.ts';
import type { Principal } from './principal.ts';
import { ProblemError } from './problem.ts';

/** Mutable only while `decide()` runs: one object per request instead of a copy per guard. */
interface Progress {
  ctx: GuardContext;
  readonly findings: Finding[];
  readonly answerHeaders: string[];
  cause?: unknown;
}

/**
 * Runs a route's guards in order; the first enforced denial or answer ends it.
 *
 * Never throws: a guard that throws counts as its `onError` says, and its failure travels in `cause`. Stays
 * synchronous until a guard returns a promise, so a request that hits the caches costs no microtask.
 */
export function decide(guards: readonly Guard[], ctx: GuardContext): Decision | Promise<Decision> {
  return run(guards, 0, { ctx, findings: [], answerHeaders: [] });
}

function run(guards: readonly Guard[], from: number, progress: Progress): Decision | Promise<Decision> {
  for (let at = from; at < guards.length; at += 1) {
    const guard = guards[at];
    if (guard === undefined || guard.mode === 'off') continue;
    const verdict = evaluate(guard, progress);
    if (verdict instanceof Promise) return resume(guards, at, { guard, progress, verdict });
    const decision = apply(guard, verdict, progress);
    if (decision !== undefined) return decision;
  }
  return decided('allow', progress);
}

async function resume(
  guards: readonly Guard[],
  at: number,
  pending: { guard: Guard; progress: Progress; verdict: Promise<Verdict> },
): Promise<Decision> {
  const { guard, progress } = pending;
  const verdict = await pending.verdict.catch((cause: unknown) => onError(guard, cause, progress));
  return apply(guard, verdict, progress) ?? run(guards, at + 1, progress);
}

function evaluate(guard: Guard, progress: Progress): Verdict | Promise<Verdict> {
  try {
    return guard.evaluate(progress.ctx);
  } catch (cause) {
    return onError(guard, cause, progress);
  }
}

/** A problem that a guard throws is its refusal; anything else is a bug or a lost store and follows `onError`. */
function onError(guard: Guard, cause: unknown, progress: Progress): Verdict {
  if (cause instanceof ProblemError) {
    progress.cause = cause.cause;
    return { kind: 'deny', code: cause.code, facts: cause.facts, finding: { rule: cause.code } };
  }
  progress.cause = cause;
  const finding = { rule: 'guard failed' };
  if (guard.onError === 'deny') return { kind: 'deny', code: 'unavailable', facts: {}, finding };
  progress.findings.push({ ...finding, guard: guard.id });
  return { kind: 'pass' };
}

function apply(guard: Guard, verdict: Verdict, progress: Progress): Decision | undefined {
  if (verdict.answerHeaders !== undefined) progress.answerHeaders.push(...verdict.answerHeaders);
  switch (verdict.kind) {
    case 'pass':
      if (verdict.noticed !== undefined) progress.findings.push({ ...verdict.noticed, guard: guard.id, shadow: true });
      return undefined;
    case 'identify':
      progress.ctx = { ...progress.ctx, principal: verdict.principal };
      return undefined;
    case 'answer':
      return { ...decided('answer', progress), status: verdict.status };
    case 'deny':
      return refuse(guard, verdict, progress);
  }
}

function refuse(guard: Guard, verdict: DenyVerdict, progress: Progress): Decision | undefined {
  const shadow = guard.mode === 'shadow';
  progress.findings.push({ ...verdict.finding, guard: guard.id, ...(shadow ? { shadow } : {}) });
  if (shadow) return undefined;
  if (verdict.principal !== undefined) progress.ctx = { ...progress.ctx, principal: verdict.principal };
  const denial: Denial = denialOf(guard, verdict);
  return { ...decided('deny', progress), denial };
}

function denialOf(guard: Guard, { code, facts, violation }: DenyVerdict): Denial {
  return violation === undefined ? { guard: guard.id, code, facts } : { guard: guard.id, code, facts, violation };
}

function decided(outcome: Decision['outcome'], progress: Progress): Decision {
  const { findings, answerHeaders } = progress;
  const principal: Principal | undefined = progress.ctx.principal;
  const cause = progress.cause === undefined ? {} : { cause: progress.cause };
  return { outcome, principal, findings, answerHeaders, ...cause };
}
