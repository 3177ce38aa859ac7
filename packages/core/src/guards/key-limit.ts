import { type Guard, PASS, type Verdict } from '../guard.ts';
import type { BucketStore, Taken } from '../limits/bucket-store.ts';
import { type RateLimitFields, rateLimitFields } from '../limits/rate-limit-fields.ts';
import { rateLimited } from '../limits/rate-limited.ts';
import type { KeysPolicy, RouteLimit } from '../policy/policy.ts';
import type { KeyCredential } from '../principal.ts';

/** Different limits whose fields are kept ready: keys' own ones come from whoever may make keys. */
const READY_MAX = 1024;

/**
 * Limits how fast each API key may be used (WK2): by its own limit, else its tenant's, else that of all keys.
 *
 * Counts per service account, so that a key and its successor share one budget while both hold. Passes sessions.
 */
export function keyLimitGuard(keys: KeysPolicy, buckets: BucketStore): Guard {
  const ready = new Map<string, RateLimitFields>();
  const fieldsOf = ({ text, rate }: RouteLimit): RateLimitFields => {
    const fields = ready.get(text) ?? rateLimitFields('key', rate);
    if (ready.size < READY_MAX) ready.set(text, fields);
    return fields;
  };
  return {
    id: 'limit.key',
    phase: 'meter',
    onError: 'deny',
    evaluate({ principal, nowMs }) {
      if (principal?.credential.kind !== 'key') return PASS;
      const limit = limitOf(principal.credential, principal.tenantId, keys);
      const judge = (taken: Taken): Verdict => verdictOf(limit, fieldsOf(limit), taken);
      const taken = buckets.take(`limit|key|${limit.text}|${principal.userId}`, limit.rate, nowMs);
      return taken instanceof Promise ? taken.then(judge) : judge(taken);
    },
  };
}

function verdictOf(limit: RouteLimit, fields: RateLimitFields, taken: Taken): Verdict {
  if (taken.waitMs > 0) return rateLimited(limit, 'key', { taken, fields });
  return { ...PASS, answerHeaders: fields.all(taken) };
}

function limitOf({ id, limit }: KeyCredential, tenantId: string, keys: KeysPolicy): RouteLimit {
  if (limit !== undefined) return { ...keys.limit, ...limit, config: `key ${id}` };
  return tenantLimit(keys, tenantId);
}

/** The limit of a tenant's keys that have none of their own. */
export function tenantLimit({ limit, tenantLimits }: KeysPolicy, tenantId: string): RouteLimit {
  // `constructor` is a well-formed tenant.
  return (Object.hasOwn(tenantLimits, tenantId) ? tenantLimits[tenantId] : undefined) ?? limit;
}
