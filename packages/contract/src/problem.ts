import { z } from 'zod';

/** Every failure, as `application/problem+json` (RFC 9457). */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; the only member that programs should compare.'),
    detail: z.string().optional(),
    requestId: z.string(),
    limit: z
      .object({
        name: z.string(),
        rate: z.string().optional().describe('Of requests over time, such as `300/15m`.'),
        max: z.number().optional().describe('Of what one request may hold.'),
        field: z.string().optional().describe('Where it holds more.'),
      })
      .optional(),
    errors: z
      .array(
        z.object({
          field: z.string().describe('Such as `query:limit` or `body`.'),
          pointer: z.string().describe('JSON pointer within it; empty for the whole.'),
          rule: z.string(),
        }),
      )
      .optional()
      .describe('The first places that do not match the description of an API.'),
  })
  .meta({ id: 'Problem' });
