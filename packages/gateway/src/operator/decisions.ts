import { Explanation } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { defineCommand } from './command.ts';

/** Says why a request was answered the way it was. The operator sees every tenant's. */
export const explainDecision = defineCommand({
  name: 'decision.explain',
  summary: 'Explain a decision',
  needsServer: false,
  input: z.strictObject({ requestId: z.string().min(1).max(64) }),
  // Not strict: what the decision file keeps for the program's own use stays out.
  output: z.object(Explanation.shape),
  async run(deps, { requestId }) {
    const found = await deps.findDecision(requestId);
    if (found !== undefined) return found;
    throw new ProblemError('not-found', {
      detail: 'No decision of that request is kept. Refusals are kept for 24 hours; of the rest, samples.',
    });
  },
});
