import {
  BlockBook,
  type BlocksPolicy,
  BurstMeter,
  type GuardDeps,
  type KeysPolicy,
  type LimitsPolicy,
  type RouteLimit,
} from '@steadygate/core';

/** A limit that no test reaches. */
export const GENEROUS: RouteLimit = {
  per: 'principal',
  rate: { amount: 10_000, perMs: 1000 },
  text: '10000/1s',
  config: 'limits',
};

/** Limits that no test reaches, and no bursts. */
export const GENEROUS_LIMITS: LimitsPolicy = {
  general: GENEROUS,
  credentials: GENEROUS,
  refresh: GENEROUS,
  burst: { mode: 'off', windowMs: 10_000, factor: 10, atLeast: 100, max: undefined, config: 'limits.burst' },
};

/** Blocks nobody. */
export const NO_BLOCKS: BlocksPolicy = {
  mode: 'off',
  violations: { rate: { amount: 10, perMs: 60_000 }, text: '10/1m' },
  stepsMs: [60_000],
  forgetAfterMs: 0,
  allow: [],
  proxies: [],
};

/** No key has a quota. */
export const NO_QUOTAS: KeysPolicy['quotas'] = { tenants: {}, others: { key: undefined, tenant: undefined } };

/** What guards of blocks, bursts and quotas ask. */
export function nobodyBlocked(): Pick<GuardDeps, 'blocks' | 'bursts' | 'quotas'> {
  const quotas = { take: () => ({ spent: undefined, key: 1, tenant: 1 }) };
  return { blocks: new BlockBook(), bursts: new BurstMeter(), quotas };
}
