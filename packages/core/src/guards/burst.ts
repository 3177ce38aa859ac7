import type { BurstMeter } from '../bursts/burst-meter.ts';
import { deny, type Guard, type GuardContext, PASS } from '../guard.ts';
import { callerKey } from '../limits/caller-key.ts';
import type { BurstPolicy } from '../policy/policy.ts';

/**
 * Tells a caller's requests that come many times as often as usual, or more often than an absolute limit (WK3).
 *
 * Before anything is looked up (T24). By user or service account, else by address. A burst is refused like a limit, and is no
 * violation (T13); in shadow it is told once a window.
 */
export function burstGuard(policy: BurstPolicy, meter: BurstMeter, isPublic: boolean): Guard {
  const isEnforced = policy.mode === 'enforce';
  return {
    id: 'burst',
    phase: isPublic ? 'screen' : 'meter',
    onError: 'pass',
    mode: isEnforced ? 'enforce' : 'shadow',
    evaluate(ctx) {
      const burst = meter.note(callerOf(ctx), ctx.nowMs, policy);
      if (burst === undefined || (!isEnforced && !burst.isFirst)) return PASS;
      const rate = `${burst.limit}/${Math.round(policy.windowMs / 1000)}s`;
      const finding = { rule: burst.rule, evidence: `more than ${rate}; usual: ${burst.usual}`, config: policy.config };
      const facts = { retryAfterSeconds: Math.ceil(burst.waitMs / 1000), limit: { name: 'burst', rate } };
      return deny('rate-limited', finding, facts);
    },
  };
}

function callerOf({ principal, request }: GuardContext): string {
  return principal?.userId ?? callerKey(request.clientAddress);
}
