import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from './app.ts';
import type { Call } from './http.ts';
import { ProblemError, sendProblem } from './problem.ts';

/** One operation. `{id}` in the path stands for one segment. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly handle: (app: App, call: Call) => void | Promise<void>;
};

type CompiledRoute = Route & { readonly pattern: RegExp };

/** Answers each request by the route that matches it, and every failure as a problem. */
export function requestHandler(
  app: App,
  routes: readonly Route[],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const compiled = routes.map(compile);
  return async (request, response) => {
    try {
      const { route, id } = match(compiled, request);
      await route.handle(app, { request, response, id });
    } catch (error) {
      request.resume();
      sendProblem(response, error);
    }
  };
}

function compile(route: Route): CompiledRoute {
  const source = route.path.replaceAll('.', String.raw`\.`).replaceAll('{id}', '([^/]+)');
  return { ...route, pattern: new RegExp(`^${source}$`) };
}

function match(routes: readonly CompiledRoute[], request: IncomingMessage): { route: Route; id: string } {
  const path = request.url?.split('?', 1)[0] ?? '';
  const candidates = routes.filter(({ pattern }) => pattern.test(path));
  if (candidates.length === 0) throw new ProblemError('not-found', 'There is nothing here.');

  // RFC 9110 §9.3.2: HEAD is GET without the content, which Node leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = candidates.find((candidate) => candidate.method === method);
  if (route !== undefined) return { route, id: route.pattern.exec(path)?.[1] ?? '' };

  const allow = candidates.flatMap((candidate) => (candidate.method === 'GET' ? ['GET', 'HEAD'] : [candidate.method]));
  throw new ProblemError('method-not-allowed', `Use ${allow.join(', ')}.`, { allow: allow.join(', ') });
}
