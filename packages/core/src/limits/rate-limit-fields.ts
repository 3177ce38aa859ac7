import type { HeaderList } from '../header-list.ts';
import type { Rate, Taken } from './bucket-store.ts';

/** Renders what one limit left behind as answer fields. */
export interface RateLimitFields {
  /** `RateLimit` and `RateLimit-Policy`. */
  standard(taken: Taken): HeaderList;
  /** The same with `X-RateLimit-*`, which cannot tell several limits apart: only one limit of an answer may send them. */
  all(taken: Taken): HeaderList;
}

/**
 * Prepares the fields of one limit; `name` tells the limits of an answer apart and is plain ASCII without quotes.
 *
 * @see draft-ietf-httpapi-ratelimit-headers: `q` quota, `w` window, `r` remaining, `t` seconds until the quota is full
 */
export function rateLimitFields(name: string, rate: Rate): RateLimitFields {
  const policy = `"${name}";q=${rate.amount};w=${Math.ceil(rate.perMs / 1000)}`;
  const amount = String(rate.amount);
  const standard = (taken: Taken): HeaderList => {
    return ['ratelimit-policy', policy, 'ratelimit', `"${name}";r=${taken.remaining};t=${resetSeconds(taken)}`];
  };
  return {
    standard,
    all: (taken) => {
      const left = ['x-ratelimit-remaining', String(taken.remaining), 'x-ratelimit-reset', resetSeconds(taken)];
      return [...standard(taken), 'x-ratelimit-limit', amount, ...left];
    },
  };
}

function resetSeconds(taken: Taken): string {
  return String(Math.ceil(taken.resetMs / 1000));
}
