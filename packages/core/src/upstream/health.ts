/** How a target is asked whether it works. */
export interface HealthPolicy {
  /** Path and query. */
  readonly path: string;
  readonly everyMs: number;
  /** Until the whole answer has come. */
  readonly timeoutMs: number;
  /** Good checks in a row that bring a target back. */
  readonly healthyAfter: number;
  /** Bad checks in a row that take it out. */
  readonly unhealthyAfter: number;
  /** Statuses that are good; empty: 200 to 299. */
  readonly statuses: readonly number[];
}

/** What checks have said of a target. */
export interface HealthState {
  readonly isUp: boolean;
  /** Checks in a row that said otherwise. */
  readonly contrary: number;
}

/** Of a target that no check has judged yet: it may work, so it is asked. */
export const UNCHECKED: HealthState = { isUp: true, contrary: 0 };

/** What is held of a target after one more check; the same object when nothing changed. */
export function healthAfter(
  state: HealthState,
  isGood: boolean,
  policy: Pick<HealthPolicy, 'healthyAfter' | 'unhealthyAfter'>,
): HealthState {
  if (isGood === state.isUp) return state.contrary === 0 ? state : { ...state, contrary: 0 };
  const contrary = state.contrary + 1;
  const enough = isGood ? policy.healthyAfter : policy.unhealthyAfter;
  return contrary < enough ? { ...state, contrary } : { isUp: isGood, contrary: 0 };
}

/** Whether an answer with this status says that a target works. Redirects do not: they are not followed. */
export function isHealthyStatus(status: number, { statuses }: Pick<HealthPolicy, 'statuses'>): boolean {
  return statuses.length === 0 ? status >= 200 && status <= 299 : statuses.includes(status);
}

/**
 * How long until the next check: a fifth more or less, so that gates and targets do not fall into step.
 *
 * @param chance 0 to 1, 1 excluded
 */
export function checkDelayMs(everyMs: number, chance: number): number {
  return Math.round(everyMs * (0.8 + 0.4 * chance));
}
