import type { RouteLimit } from '../policy/policy.ts';
import type { BucketStore, Taken } from './bucket-store.ts';
import { callerKey } from './caller-key.ts';

/** The failed credential attempts that an address has left (SB7): one budget for tokens, cookies and log-ins. */
export interface CredentialBudget {
  readonly limit: RouteLimit;
  /** Pays for one attempt before it is judged or looked up (T24). */
  take(clientAddress: string, nowMs: number): Taken | Promise<Taken>;
  /** Returns the payment of an attempt that was good. */
  giveBack(clientAddress: string, nowMs: number): void | Promise<void>;
}

/** The budget over a bucket store; every part that judges credentials must use it. */
export function credentialBudget(limit: RouteLimit, buckets: BucketStore): CredentialBudget {
  const key = (clientAddress: string): string => `credentials|${callerKey(clientAddress)}`;
  return {
    limit,
    take: (clientAddress, nowMs) => buckets.take(key(clientAddress), limit.rate, nowMs),
    giveBack: (clientAddress, nowMs) => buckets.giveBack(key(clientAddress), limit.rate, nowMs),
  };
}
