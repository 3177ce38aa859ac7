import type { ViolationKind } from './blocks/violation-kind.ts';
import type { FindingFacts } from './finding.ts';
import type { HeaderList } from './header-list.ts';
import type { Principal } from './principal.ts';
import type { ProblemCode, ProblemFacts } from './problem.ts';
import type { CanonicalRequest, RequestBody } from './request.ts';
import type { RouteMatch } from './policy/route.ts';

/** The order in which guards run; the first denial ends it. */
export const PHASES = ['screen', 'authenticate', 'meter', 'authorize', 'inspect'] as const;
export type Phase = (typeof PHASES)[number];

/** How a content guard runs. Identity and access guards are always enforced (T3). */
export type GuardMode = 'enforce' | 'shadow' | 'off';

/** Everything a guard may look at. */
export interface GuardContext {
  readonly request: CanonicalRequest;
  readonly match: RouteMatch;
  /** Undefined before the authenticate phase and on public routes. */
  readonly principal: Principal | undefined;
  readonly body: RequestBody;
  readonly nowMs: number;
}

/** One check. A guard never tests paths itself: which guards run is data of the matched route. */
export interface Guard {
  readonly id: string;
  readonly phase: Phase;
  /** What an exception or a lost store means. No default: failing open is written down. */
  readonly onError: 'deny' | 'pass';
  /** Absent for guards that are always enforced (T3). */
  readonly mode?: GuardMode;
  evaluate(ctx: GuardContext): Verdict | Promise<Verdict>;
}

/** What one guard says. */
export type Verdict = PassVerdict | IdentifyVerdict | AnswerVerdict | DenyVerdict;

/** Nothing against it. May add fields to the answer, whatever its outcome (RateLimit, Vary, …). */
export interface PassVerdict {
  readonly kind: 'pass';
  readonly answerHeaders?: HeaderList;
  /** Worth recording, though nothing is refused. */
  readonly noticed?: FindingFacts;
}

/** The caller is known from here on. */
export interface IdentifyVerdict {
  readonly kind: 'identify';
  readonly principal: Principal;
  readonly answerHeaders?: HeaderList;
}

/** The gate answers by itself: preflights. The upstream is not asked. */
export interface AnswerVerdict {
  readonly kind: 'answer';
  readonly status: number;
  readonly answerHeaders: HeaderList;
}

/** Refused. */
export interface DenyVerdict {
  readonly kind: 'deny';
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;
  readonly finding: FindingFacts;
  readonly answerHeaders?: HeaderList;
  /** Absent: refused, and held against nobody (T13). */
  readonly violation?: ViolationKind | undefined;
  /** The verified caller, where the guard ran before authentication. */
  readonly principal?: Principal;
}

/** The verdict of a guard that has nothing to say. */
export const PASS: PassVerdict = { kind: 'pass' };

/** A refusal with its public facts and its private finding. */
export function deny(code: ProblemCode, finding: FindingFacts, facts: ProblemFacts = {}): DenyVerdict {
  return { kind: 'deny', code, facts, finding };
}
