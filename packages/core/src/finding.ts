import type { ViolationKind } from './blocks/violation-kind.ts';
import type { ProblemCode, ProblemFacts } from './problem.ts';

/** What a guard saw: the full reason, for `explain`, the console and the decision log. Never sent to the caller. */
export interface Finding {
  readonly guard: string;
  /** The rule within the guard, such as `dotfile` or `principal 300/15m`. */
  readonly rule: string;
  /** Where in the request, such as `path`, `header:origin`, `body:$.chatIds[2]`. */
  readonly field?: string;
  /** What was found there, masked and cut; never a credential. */
  readonly evidence?: string;
  /** The configuration line's path, such as `routes[2].permission`. */
  readonly config?: string;
  /** The exact configuration that would let this through; absent where nothing may. */
  readonly exception?: string;
  /** True when the guard ran in shadow: recorded, not enforced. */
  readonly shadow?: boolean;
}

/** What a guard says of a finding before `decide()` adds the guard's id and mode. */
export type FindingFacts = Omit<Finding, 'guard' | 'shadow'>;

/** A refusal as the decision carries it. */
export interface Denial {
  readonly guard: string;
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;
  /** Set when the refusal counts against somebody (T13). */
  readonly violation?: ViolationKind | undefined;
}
