import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { PROBLEMS, type ProblemCode, type ProblemFacts, problemBody, ProblemError, problemOf } from '@steadygate/core';
import type { ControlContext, ControlHandler } from '../proxy/deps.ts';

/** Requests that the data plane handed over: gone as soon as their message is. */
const handedOver = new WeakMap<IncomingMessage, ControlContext>();

/** What the guards know of a request to the gate's own paths. */
export function contextOf(raw: IncomingMessage): ControlContext {
  const own = handedOver.get(raw);
  if (own === undefined) throw new Error('a request reached the control plane around the guards');
  return own;
}

/** Reports a bug: an error that is no problem. */
export type ReportBug = (error: Error, requestId: string) => void;

/**
 * The control plane's router. It owns no socket: the data plane hands over what its guards let pass.
 *
 * Bodies are left unread for `mount()`, which uses the same strict parser as the guards.
 */
export function createControlApp(reportBug: ReportBug): FastifyInstance {
  const app = Fastify({ logger: false, exposeHeadRoutes: true, routerOptions: { maxParamLength: 256 } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setNotFoundHandler(async (request, reply) => sendProblem(reply, request.raw, { code: 'not-found', facts: {} }));
  app.setErrorHandler(async (error: Error, request, reply) => {
    const problem = problemOf(fromRouter(error));
    const own = contextOf(request.raw);
    if (problem.code === 'internal') reportBug(error, own.request.id);
    else own.refused(problem);
    return sendProblem(reply, request.raw, problem);
  });
  return app;
}

/** Gives guarded requests to the router, under their canonical path. */
export function controlHandler(app: FastifyInstance): ControlHandler {
  return (raw, answer, own) => {
    handedOver.set(raw, own);
    const { path, query } = own.request;
    raw.url = query === '' ? path : `${path}?${query}`;
    app.routing(raw, answer);
  };
}

/** The router refuses malformed media types before any handler runs: a caller's fault, and no bug of ours. */
function fromRouter(error: Error): Error {
  const isMediaType = 'code' in error && String(error.code).startsWith('FST_ERR_CTP_');
  if (!isMediaType) return error;
  return new ProblemError('media-type-refused', { detail: 'Send application/json.' }, { cause: error });
}

function sendProblem(
  reply: FastifyReply,
  raw: IncomingMessage,
  problem: { code: ProblemCode; facts: ProblemFacts },
): FastifyReply {
  const { code, facts } = problem;
  if (facts.retryAfterSeconds !== undefined) reply.header('retry-after', String(facts.retryAfterSeconds));
  return reply
    .code(PROBLEMS[code].status)
    .type('application/problem+json')
    .header('cache-control', 'private, no-store')
    .send(JSON.stringify(problemBody(code, facts, contextOf(raw).request.id)));
}
