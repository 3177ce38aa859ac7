import { z } from 'zod';

import { addressRange, duration, integer, rate, refuse } from './fields.ts';

/** As many moments are remembered of each caller. */
const VIOLATIONS_MAX = 1000;

/** When callers are blocked, and for how long. */
export const blocksSchema = z
  .strictObject({
    mode: z
      .enum(['enforce', 'alert', 'off'])
      .default('enforce')
      .describe('`alert` only tells who would be blocked. Blocks that somebody made hold in every mode.'),
    violations: rate()
      .superRefine(({ rate: { amount, perMs } }, ctx) => {
        if (amount < 2 || amount > VIOLATIONS_MAX || perMs > 3_600_000)
          refuse(ctx, 'is out of bounds', `From 2 to ${VIOLATIONS_MAX} within an hour at most, such as 10/1m.`);
      })
      .prefault('10/1m')
      .describe(
        'So many attacks, sensitive paths, refused prompts or texts, and failed credentials within so long block a key or user, or what an address sends without a good credential.',
      ),
    for: z
      .array(duration('1s', '30d'))
      .min(1)
      .max(16)
      .prefault(['1m', '5m', '30m', '4h', '24h'])
      .describe('How long the first block lasts, the second in a row, and so on; the last from then on.'),
    forgetAfter: duration('1m', '30d')
      .prefault('24h')
      .describe('After so long without a block, the next one is a first again.'),
    allow: z
      .array(addressRange())
      .prefault([])
      .describe(
        'Nothing from these addresses is refused for a block, or feeds one. Limits and inspection hold all the same.',
      ),
  })
  .prefault({})
  .describe('Blocks of callers who attack again and again.');

/** When somebody's requests come many times as often as usual. */
export const burstSchema = z
  .strictObject({
    mode: z
      .enum(['enforce', 'alert', 'shadow', 'off'])
      .default('alert')
      .describe('`enforce` answers 429 and raises an alert, `alert` lets through, `shadow` is seen by `explain` only.'),
    window: duration('1s', '10m').prefault('10s').describe('What is counted together.'),
    factor: integer(2, 1000)
      .prefault(10)
      .describe(
        "How many times a caller's usual requests in a window. What is usual is learnt from 30 windows with requests.",
      ),
    atLeast: integer(1, 1_000_000).prefault(100).describe('So many in a window are never a burst against a habit.'),
    max: integer(1, 1_000_000)
      .optional()
      .describe('More in a window are a burst whatever is usual. Absent: no such limit.'),
  })
  .prefault({})
  .describe('Bursts: requests of one caller that stand out. Counted by each instance for itself.');
