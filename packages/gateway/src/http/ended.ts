import type { Ended } from '@steadygate/contract';
import type { z } from 'zod';
import type { Unconfirmed } from '../feed/confirmations.ts';

/** What just ended, as far as every instance has confirmed it (T11). A tenant is told ids only: machines are the operator's. */
export async function ended(unconfirmed: Unconfirmed): Promise<z.infer<typeof Ended>> {
  const missing = await unconfirmed();
  return { unconfirmed: missing?.map(({ id }) => id) ?? null };
}
