import { deny, type DenyVerdict } from '../guard.ts';
import type { RouteLimit } from '../policy/policy.ts';
import type { Taken } from './bucket-store.ts';
import type { RateLimitFields } from './rate-limit-fields.ts';

/** The refusal of a limit that was hit: says which one, and when to come back. `Retry-After` follows from the facts. */
export function rateLimited(
  limit: RouteLimit,
  name: string,
  hit: { taken: Taken; fields: RateLimitFields },
): DenyVerdict {
  const retryAfterSeconds = Math.ceil(hit.taken.waitMs / 1000);
  const finding = { rule: `${name} ${limit.text}`, config: limit.config };
  const facts = { retryAfterSeconds, limit: { name, rate: limit.text } };
  return { ...deny('rate-limited', finding, facts), answerHeaders: hit.fields.all(hit.taken) };
}
