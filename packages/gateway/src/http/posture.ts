import { runPosture } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { mount } from './mount.ts';

/** What every probe says now. */
export type PostureView = z.input<typeof runPosture.reply.schema>;

/** Proves every claim. `prove` is undefined on a gate that is itself a probe's: it is examined, and examines nothing. */
export function postureRoutes(app: FastifyInstance, prove: (() => Promise<PostureView>) | undefined): void {
  mount(app, runPosture, async () => {
    if (prove === undefined) throw new ProblemError('unavailable');
    return prove();
  });
}
