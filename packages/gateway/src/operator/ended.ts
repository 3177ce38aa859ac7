import { z } from 'zod';
import type { OperatorDeps } from './deps.ts';

/** What every command answers that ends something on all instances (T11). */
export const ENDED = {
  /** Null when the store could not say. */
  unconfirmed: z.array(z.strictObject({ id: z.string(), name: z.string(), seenAt: z.int() })).nullable(),
};

/** Waits up to a second for the other instances, and names those that have not acted. */
export async function ended({ unconfirmed }: Pick<OperatorDeps, 'unconfirmed'>): Promise<{
  unconfirmed: { id: string; name: string; seenAt: number }[] | null;
}> {
  const missing = await unconfirmed();
  return { unconfirmed: missing?.map(({ id, name, seenAtMs }) => ({ id, name, seenAt: seenAtMs })) ?? null };
}
