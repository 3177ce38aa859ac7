import type { FastifyInstance } from 'fastify';
import { authorize, firstHeader, ProblemError } from '@steadygate/core';
import { expositionFor } from '../metrics/exposition.ts';
import type { Collector } from '../metrics/metric.ts';
import { contextOf } from './app.ts';

/** A platform permission: it exists in tenant `system` only (T15). */
export const METRICS_PERMISSION = 'metrics:read';

/** Metrics as text, for whoever holds the permission (T16). @throws ProblemError `permission-denied` */
export function metricsRoutes(app: FastifyInstance, read: Collector): void {
  app.get('/metrics', async (request, reply) => {
    const { request: own, decision } = contextOf(request.raw);
    // Checked again here, so that a route that is declared wrongly shows nothing.
    const { principal } = decision;
    if (principal === undefined || authorize(principal, METRICS_PERMISSION) === undefined) {
      throw new ProblemError('permission-denied');
    }
    const form = expositionFor(firstHeader(own.headers, 'accept'));
    return reply.header('content-type', form.contentType).send(form.write(read()));
  });
}
