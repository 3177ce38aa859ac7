import { z } from 'zod';
import { Millis } from './common.ts';
import { defineOperation } from './route.ts';

const Count = z.int().min(0);

/** One address of an upstream. */
const TargetView = z
  .strictObject({
    url: z.string(),
    weight: z.int(),
    state: z
      .enum(['up', 'down', 'ejected', 'draining'])
      .describe(
        '`up`: in service. `down`: by its checks. `ejected`: its requests failed. `draining`: no longer configured.',
      ),
    inFlight: Count,
    ejectedUntil: Millis.nullable(),
    lastCheck: z
      .strictObject({
        at: Millis,
        isGood: z.boolean(),
        detail: z.string().describe('What was seen, such as `status 200`.'),
        tookMs: Count,
      })
      .nullable(),
    counts: z
      .strictObject({
        requests: Count.describe('Attempts, sockets included.'),
        failures: Count,
        ejections: Count,
        checks: Count,
        failedChecks: Count,
      })
      .describe('Totals since it was configured.'),
  })
  .meta({ id: 'UpstreamTarget' });

/** One upstream and its targets. */
const UpstreamView = z
  .strictObject({
    name: z.string(),
    balance: z.enum(['roundRobin', 'leastConnections']),
    inFlight: Count.describe('Requests, streams and sockets.'),
    inFlightMax: Count.nullable().describe('null: unbounded.'),
    queued: Count,
    queueMax: Count.nullable(),
    breaker: z.enum(['closed', 'open', 'halfOpen']).nullable().describe('null: it has none.'),
    counts: z
      .strictObject({
        requests: Count.describe('Requests, streams and sockets that wanted a place.'),
        retries: Count,
        retriesOverBudget: Count,
        queueFull: Count,
        waitedTooLong: Count,
        leftQueue: Count,
        refusedByBreaker: Count,
        breakerOpened: Count,
      })
      .describe('Totals since it was configured.'),
    targets: z.array(TargetView),
  })
  .meta({ id: 'Upstream' });

export const UpstreamList = z.strictObject({ upstreams: z.array(UpstreamView) }).meta({ id: 'UpstreamList' });

export const listUpstreams = defineOperation({
  operationId: 'listUpstreams',
  method: 'GET',
  path: '/control/v1/upstreams',
  summary: 'List the upstreams of this instance, their targets and how they do',
  access: { permission: 'platform:read' },
  reply: { status: 200, schema: UpstreamList },
});
