import type { Authentication, Authenticator, PresentedCredential } from '../authenticator.ts';
import type { Taken } from '../limits/bucket-store.ts';
import type { CredentialBudget } from '../limits/credential-budget.ts';

/** What came of a credential: verified, refused, or not looked at because the address has no attempts left. */
export type Judgement = Authentication | { readonly kind: 'exhausted'; readonly taken: Taken };

/** Where a credential comes from, and when. */
export interface Attempt {
  readonly presented: PresentedCredential;
  readonly clientAddress: string;
  readonly nowMs: number;
}

/** Judges presented credentials; at once for those already verified. */
export interface CredentialJudge {
  readonly budget: CredentialBudget;
  judge(attempt: Attempt): Judgement | Promise<Judgement>;
}

/**
 * Verifies through `authenticator`; the address pays one attempt before anything is verified or looked up and gets it
 * back on success (T24). A known credential costs nothing; one that is known to be bad costs an attempt each time.
 *
 * Equal credentials at the same time are one attempt: a page that loads twenty files with an expired cookie must not
 * spend the budget of its address. What is under way is bounded by the requests that are.
 */
export function credentialJudge(deps: { authenticator: Authenticator; budget: CredentialBudget }): CredentialJudge {
  const underWay = new Map<string, Promise<Judgement>>();
  return {
    budget: deps.budget,
    judge(attempt) {
      const known = deps.authenticator.cached(attempt.presented, attempt.nowMs);
      if (known?.kind === 'principal') return known;

      const key = keyOf(attempt.presented);
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const judging = spend(deps, attempt, known).finally(() => underWay.delete(key));
      underWay.set(key, judging);
      return judging;
    },
  };
}

async function spend(
  { authenticator, budget }: { authenticator: Authenticator; budget: CredentialBudget },
  { presented, clientAddress, nowMs }: Attempt,
  known: Authentication | undefined,
): Promise<Judgement> {
  const taken = await budget.take(clientAddress, nowMs);
  if (taken.waitMs > 0) return { kind: 'exhausted', taken };
  if (known !== undefined) return known;
  const found = await verified(authenticator, presented, nowMs);
  if (found.kind !== 'refused' || found.wasOurs === true) await budget.giveBack(clientAddress, nowMs);
  if (found.kind === 'failed') throw found.cause;
  return found;
}

/** A lost store is no failed attempt: its callers must not be locked out when it is back. */
async function verified(
  authenticator: Authenticator,
  presented: PresentedCredential,
  nowMs: number,
): Promise<Authentication | { readonly kind: 'failed'; readonly cause: unknown }> {
  try {
    return await authenticator.authenticate(presented, nowMs);
  } catch (cause) {
    return { kind: 'failed', cause };
  }
}

/** Neither tokens nor keys nor cookie values hold a line feed. */
function keyOf(presented: PresentedCredential): string {
  if (presented.kind === 'key') return `k\n${presented.key}`;
  if (presented.kind === 'bearer') return `b\n${presented.token}`;
  return `c\n${presented.access ?? ''}\n${presented.refresh ?? ''}`;
}
