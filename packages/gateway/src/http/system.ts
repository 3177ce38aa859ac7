import { openApiDocument } from '@steadygate/contract';
import type { FastifyInstance } from 'fastify';
import { contextOf } from './app.ts';

export interface SystemDeps {
  readonly version: string;
  /** Public keys of access tokens and assertions, the retiring ones included. */
  readonly jwks: (nowMs: number) => unknown;
  /** Whether requests can be served: the store answers, and the gate is not draining. */
  readonly isReady: () => boolean;
}

/** Conventions: liveness, readiness, public keys, the API's description. Health is a bare status (T16). */
export function systemRoutes(app: FastifyInstance, deps: SystemDeps): void {
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (_request, reply) => {
    const isReady = deps.isReady();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
  });
  app.get('/.well-known/jwks.json', async (request, reply) => {
    reply.header('cache-control', 'public, max-age=300').type('application/jwk-set+json');
    return reply.send(JSON.stringify(deps.jwks(contextOf(request.raw).nowMs)));
  });
  const document = openApiDocument(deps.version);
  app.get('/control/v1/openapi.json', async () => document);
}
