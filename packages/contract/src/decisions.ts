import { z } from 'zod';
import { Millis } from './common.ts';
import { defineOperation } from './route.ts';

export const FindingView = z
  .strictObject({
    guard: z.string(),
    rule: z.string(),
    field: z.string().optional(),
    evidence: z.string().optional().describe('Masked.'),
    config: z.string().optional().describe('The configuration line.'),
    exception: z.string().optional().describe('The exact configuration that would let this through.'),
    shadow: z.boolean().optional(),
  })
  .meta({ id: 'Finding' });

/** Why a request was answered the way it was. */
export const Explanation = z
  .strictObject({
    requestId: z.string(),
    at: Millis,
    method: z.string(),
    path: z.string(),
    route: z.string().nullable(),
    outcome: z.enum(['allow', 'answer', 'deny']),
    status: z.int(),
    code: z.string().nullable(),
    guard: z.string().nullable(),
    userId: z.string().nullable(),
    role: z.string().nullable(),
    durationMs: z.number(),
    findings: z.array(FindingView),
  })
  .meta({ id: 'Explanation' });

export const explain = defineOperation({
  operationId: 'explain',
  method: 'GET',
  path: '/control/v1/decisions/{requestId}',
  summary: 'Why a request was answered the way it was',
  access: { permission: 'decision:read' },
  reply: { status: 200, schema: Explanation },
});
