import { z } from 'zod';
import { Millis } from './common.ts';
import { defineOperation } from './route.ts';

/** One control with its claim and what its probe saw. */
export const ControlView = z
  .strictObject({
    id: z.string(),
    claim: z.string(),
    area: z.string(),
    state: z.enum(['proven', 'failing', 'stale', 'planned']),
    checkedAt: Millis.nullable(),
    detail: z.string().describe('What the probe saw.'),
    asvs: z.array(z.string()).describe('OWASP ASVS 5.0 requirement ids.'),
    soc2: z.array(z.string()).describe('SOC 2 criteria ids.'),
  })
  .meta({ id: 'Control' });

export const Posture = z
  .strictObject({
    checkedAt: Millis,
    configDigest: z.string(),
    build: z.string(),
    vantage: z.string().describe('From where the probes looked.'),
    controls: z.array(ControlView),
  })
  .meta({ id: 'Posture' });

export const runPosture = defineOperation({
  operationId: 'runPosture',
  method: 'POST',
  path: '/control/v1/posture',
  summary: 'Run every probe now',
  access: { permission: 'posture:write' },
  reply: { status: 200, schema: Posture },
});
