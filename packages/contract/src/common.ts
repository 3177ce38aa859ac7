import { z } from 'zod';

/** Epoch milliseconds. */
export const Millis = z.int().min(0).describe('Epoch milliseconds.');

/** An id of ours: random, never reused. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe('Random, never reused.');

export const RoleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/)
  .describe('A role of the configuration.');

export const TenantId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/);

/** One page of a list; pass `cursor` to get the next. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(128).optional(),
});

/** A reply without content (204). */
export const Nothing = z.undefined();

/** Who may not have heard yet of what just ended (T11). */
export const Ended = z
  .strictObject({
    unconfirmed: z
      .array(Id)
      .nullable()
      .describe(
        'Ids of instances that have not confirmed it within a second: they may go by what they knew for up to a minute. Null when the store could not say.',
      ),
  })
  .meta({ id: 'Ended' });

/** The cursor of the next page; null on the last. */
export const NextCursor = z.string().nullable().describe('Null on the last page.');
