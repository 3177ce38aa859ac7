import type { Rate } from './bucket-store.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Finer than this, a budget's steps are no longer told apart exactly. */
const PER_MS_MAX = 10;

/**
 * Parses `300/15m`, `10/s` (units s, m, h, d); undefined for anything else.
 *
 * At most 1,000,000 per window, 9999 units per window and 10,000 a second.
 */
export function parseRate(text: string): Rate | undefined {
  const parts = /^([1-9]\d{0,6})\/([1-9]\d{0,3})?([smhd])$/.exec(text);
  const unitMs = UNIT_MS[parts?.[3] ?? ''];
  if (parts === null || unitMs === undefined) return undefined;
  const amount = Number(parts[1]);
  const perMs = Number(parts[2] ?? 1) * unitMs;
  return amount > 1_000_000 || amount > perMs * PER_MS_MAX ? undefined : { amount, perMs };
}
