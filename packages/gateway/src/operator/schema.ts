import { z } from 'zod';
import { unmatchedTraffic } from '../decisions/schema-traffic.ts';
import { defineCommand } from './command.ts';

/** Counts requests that match no operation of their API document. */
export const schemaTraffic = defineCommand({
  name: 'schema.traffic',
  summary: 'Count traffic that matches no operation',
  needsServer: false,
  input: z.strictObject({}),
  output: z.strictObject({
    unmatched: z.array(
      z.strictObject({
        method: z.string(),
        path: z.string(),
        rule: z.string(),
        count: z.int(),
        lastAt: z.int(),
      }),
    ),
  }),
  run: async (deps) => ({ unmatched: [...(await unmatchedTraffic(deps.decisions()))] }),
});
