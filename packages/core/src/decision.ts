import type { Denial, Finding } from './finding.ts';
import type { HeaderList } from './header-list.ts';
import type { Principal } from './principal.ts';

/** All verdicts of one request. Headers, metrics, log line, audit record and `explain` are views of it. */
export interface Decision {
  readonly outcome: 'allow' | 'answer' | 'deny';
  readonly principal: Principal | undefined;
  /** Present when the outcome is `deny`. */
  readonly denial?: Denial;
  /** The status of an `answer`. */
  readonly status?: number;
  readonly findings: readonly Finding[];
  /** Fields that guards add to whatever answer is sent. */
  readonly answerHeaders: HeaderList;
  /** An unexpected failure in a guard: logged, never sent. */
  readonly cause?: unknown;
}
