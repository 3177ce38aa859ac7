import { deny, type DenyVerdict, type Guard, PASS, type Verdict } from '../guard.ts';
import type { HeaderList } from '../header-list.ts';
import { type DayQuota, type DayQuotas, type QuotaCounter, type QuotaUse, untilNextDayMs } from '../limits/quota.ts';
import { rateLimitFields } from '../limits/rate-limit-fields.ts';
import type { KeysPolicy } from '../policy/policy.ts';

const DAY_MS = 86_400_000;
const NAMES = { key: 'key-day', tenant: 'tenant-day' } as const;

/**
 * Limits how much API keys may ask within a day (WK2): each key with its successors, and all keys of a tenant together.
 *
 * After the limits per second, so that what they refuse spends no quota. Passes sessions, and keys without a quota. Fails closed.
 */
export function quotaGuard(keys: KeysPolicy, counter: QuotaCounter): Guard {
  return {
    id: 'quota.key',
    phase: 'meter',
    onError: 'deny',
    evaluate({ principal, nowMs }) {
      if (principal?.credential.kind !== 'key') return PASS;
      const quotas = quotasOf(keys, principal.tenantId);
      if (quotas.key === undefined && quotas.tenant === undefined) return PASS;
      const used = counter.take(principal, quotas, nowMs);
      return used instanceof Promise
        ? used.then((use) => verdictOf(quotas, use, nowMs))
        : verdictOf(quotas, used, nowMs);
    },
  };
}

/** The quotas of a tenant's keys. */
export function quotasOf({ quotas }: KeysPolicy, tenantId: string): DayQuotas {
  // `constructor` is a well-formed tenant.
  return (Object.hasOwn(quotas.tenants, tenantId) ? quotas.tenants[tenantId] : undefined) ?? quotas.others;
}

function verdictOf(quotas: DayQuotas, use: QuotaUse, nowMs: number): Verdict {
  const answerHeaders = [...fieldsOf('key', quotas, { use, nowMs }), ...fieldsOf('tenant', quotas, { use, nowMs })];
  const spent = use.spent === undefined ? undefined : quotas[use.spent];
  if (use.spent === undefined || spent === undefined) return { ...PASS, answerHeaders };
  return { ...refused(NAMES[use.spent], spent, nowMs), answerHeaders };
}

function refused(name: string, { amount, config }: DayQuota, nowMs: number): DenyVerdict {
  const rate = `${amount}/1d`;
  const facts = { retryAfterSeconds: Math.ceil(untilNextDayMs(nowMs) / 1000), limit: { name, rate } };
  return deny('quota-exceeded', { rule: `${name} ${rate}`, config }, facts);
}

function fieldsOf(
  of: 'key' | 'tenant',
  quotas: DayQuotas,
  { use, nowMs }: { readonly use: QuotaUse; readonly nowMs: number },
): HeaderList {
  const quota = quotas[of];
  if (quota === undefined) return [];
  const left = Math.max(0, quota.amount - use[of]);
  const taken = { waitMs: 0, remaining: left, resetMs: untilNextDayMs(nowMs) };
  return rateLimitFields(NAMES[of], { amount: quota.amount, perMs: DAY_MS }).standard(taken);
}
