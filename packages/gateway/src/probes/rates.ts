import type { Rate } from '@steadygate/core';
import { demand } from './probe.ts';

const QUARTER_MS = 900_000;

/** What the claims promise at most. */
export const PROMISED = {
  general: { amount: 300, perMs: QUARTER_MS },
  credentials: { amount: 10, perMs: QUARTER_MS },
  key: { amount: 10, perMs: 1_000 },
} as const;

/** How often per millisecond. */
export function pace({ amount, perMs }: Rate): number {
  return amount / perMs;
}

/** @throws Disproof when a limit admits more than was promised */
export function demandWithin(
  limit: { readonly rate: Rate; readonly text: string },
  promised: Rate,
  name: string,
): void {
  const isWithin = limit.rate.amount <= promised.amount && pace(limit.rate) <= pace(promised);
  demand(isWithin, `${name} is ${limit.text}: more than ${promised.amount} in 15 minutes.`);
}
