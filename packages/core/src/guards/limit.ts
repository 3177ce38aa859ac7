import { type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import type { BucketStore, Taken } from '../limits/bucket-store.ts';
import { callerKey } from '../limits/caller-key.ts';
import { rateLimitFields } from '../limits/rate-limit-fields.ts';
import { rateLimited } from '../limits/rate-limited.ts';
import type { RouteLimit } from '../policy/policy.ts';

/** One limit of a route, and what it shares its budget with. */
export interface LimitGuardOptions {
  readonly limit: RouteLimit;
  /** Limits with the same scope and rate share their budgets: a route's path, or one name for all routes. */
  readonly scope: string;
  /** The limit's name in answers: unique on the route. */
  readonly name: string;
  readonly buckets: BucketStore;
  /** Whether this limit may send `X-RateLimit-*` when it passes: the last one of a route. */
  readonly isLast: boolean;
  /** Keys have a default limit of their own, instead of this one. */
  readonly exceptKeys?: boolean;
}

/**
 * Limits how fast something may be called (SB6): per address, principal, tenant, or the route as a whole.
 *
 * Without a principal the address counts. Fails closed: a store outage would otherwise lift every limit at once.
 */
export function limitGuard(options: LimitGuardOptions): Guard {
  const { limit, name, buckets, isLast } = options;
  const key = keyOf[limit.per];
  const prefix = `limit|${options.scope}|${limit.per}|${limit.text}|`;
  const fields = rateLimitFields(name, limit.rate);
  const sent = isLast ? fields.all : fields.standard;
  const judge = (taken: Taken): Verdict => {
    if (taken.waitMs > 0) return rateLimited(limit, name, { taken, fields });
    return { ...PASS, answerHeaders: sent(taken) };
  };
  return {
    id: `limit.${limit.per}`,
    phase: limit.per === 'address' ? 'screen' : 'meter',
    onError: 'deny',
    evaluate(ctx) {
      if (options.exceptKeys === true && ctx.principal?.credential.kind === 'key') return PASS;
      const taken = buckets.take(prefix + key(ctx), limit.rate, ctx.nowMs);
      return taken instanceof Promise ? taken.then(judge) : judge(taken);
    },
  };
}

const byAddress = ({ request }: GuardContext): string => callerKey(request.clientAddress);

const keyOf: Readonly<Record<RouteLimit['per'], (ctx: GuardContext) => string>> = {
  address: byAddress,
  principal: (ctx) => {
    if (ctx.principal === undefined) return byAddress(ctx);
    return `${ctx.principal.tenantId}|${ctx.principal.userId}`;
  },
  tenant: (ctx) => ctx.principal?.tenantId ?? byAddress(ctx),
  route: () => '',
};
