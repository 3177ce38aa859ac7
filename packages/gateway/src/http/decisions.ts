import { explain } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { ExplanationView } from '../decisions/explanation.ts';
import { mount } from './mount.ts';

/** Why requests were answered the way they were. A tenant sees its own. */
export function decisionRoutes(
  app: FastifyInstance,
  find: (requestId: string) => Promise<ExplanationView | undefined>,
): void {
  mount(app, explain, async ({ params, principal }) => {
    const found = await find(params['requestId'] ?? '');
    if (found === undefined || !mayRead(found, principal.tenantId)) {
      throw new ProblemError('not-found', { detail: 'No decision of that request is kept.' });
    }
    const { tenantId: _, ...view } = found;
    return view;
  });
}

/** Requests that no credential belongs to are of the whole gate: only the platform sees them (T15). */
function mayRead(found: ExplanationView, tenantId: string): boolean {
  return tenantId === 'system' || found.tenantId === tenantId;
}
