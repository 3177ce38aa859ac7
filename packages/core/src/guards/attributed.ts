import { type DenyVerdict, type Guard, type Verdict } from '../guard.ts';

/**
 * A guard that runs before authentication, whose violations count against the caller if it can be known (T13).
 *
 * Without it, one person's violations would block everybody else behind the same address. `identify` is the route's own
 * authentication; it is asked only about what is refused anyway, and looks nothing up that the address has not paid for (T24).
 */
export function attributed(guard: Guard, identify: Guard): Guard {
  return {
    ...guard,
    evaluate(ctx) {
      const verdict = guard.evaluate(ctx);
      if (verdict instanceof Promise || verdict.kind !== 'deny' || verdict.violation === undefined) return verdict;
      return attribute(verdict, () => identify.evaluate(ctx));
    },
  };
}

/** A lost store changes nothing of the refusal. */
async function attribute(verdict: DenyVerdict, ask: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    const known = await ask();
    return known.kind === 'identify' ? { ...verdict, principal: known.principal } : verdict;
  } catch {
    return verdict;
  }
}
