import { Posture } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { defineCommand } from './command.ts';

/** Runs every probe now. */
export const runPosture = defineCommand({
  name: 'posture.run',
  summary: 'Prove every claim now',
  needsServer: true,
  input: z.strictObject({}),
  output: Posture,
  async run(deps) {
    if (deps.posture === undefined) throw new ProblemError('unavailable', { detail: 'Probes need a running server.' });
    return deps.posture();
  },
});
