import type { FastifyInstance, FastifyReply } from 'fastify';
import { authorize, firstHeader, type Principal, ProblemError, type TenantAccess } from '@steadygate/core';
import type { Operation, OperationAccess } from '@steadygate/contract';
import type { z } from 'zod';
import { contextOf } from './app.ts';
import type { ControlContext } from '../proxy/deps.ts';

/** What a handler of a guarded operation gets. */
export interface Call<Body, Query> {
  readonly access: TenantAccess;
  readonly principal: Principal;
  readonly body: Body;
  readonly query: Query;
  readonly params: Readonly<Record<string, string>>;
  readonly own: ControlContext;
  readonly reply: FastifyReply;
}

/** What a handler of a public operation gets: nobody is known. */
export type PublicCall<Body, Query> = Omit<Call<Body, Query>, 'access' | 'principal'>;

type Typed<B extends z.ZodType, Q extends z.ZodType, R extends z.ZodType> = Operation<B, Q, R>;

/** Serves an operation that needs a permission: checked again here, so that a handler cannot run without proof. */
export function mount<B extends z.ZodType, Q extends z.ZodType, R extends z.ZodType>(
  app: FastifyInstance,
  operation: Typed<B, Q, R>,
  handle: (call: Call<z.output<B>, z.output<Q>>) => Promise<z.input<R>>,
): void {
  serve(app, operation, async (call) => handle({ ...call, ...proof(call.own, operation.access) }));
}

/** Serves an operation that anybody may call. */
export function mountPublic<B extends z.ZodType, Q extends z.ZodType, R extends z.ZodType>(
  app: FastifyInstance,
  operation: Typed<B, Q, R>,
  handle: (call: PublicCall<z.output<B>, z.output<Q>>) => Promise<z.input<R>>,
): void {
  if (!('public' in operation.access)) throw new Error(`${operation.operationId} is not public`);
  serve(app, operation, handle);
}

function proof(own: ControlContext, access: OperationAccess): { access: TenantAccess; principal: Principal } {
  const { principal } = own.decision;
  if (!('permission' in access) || principal === undefined) throw new ProblemError('credential-required');
  const granted = authorize(principal, access.permission);
  if (granted === undefined) throw new ProblemError('permission-denied');
  return { access: granted, principal };
}

function serve<B extends z.ZodType, Q extends z.ZodType, R extends z.ZodType>(
  app: FastifyInstance,
  operation: Typed<B, Q, R>,
  handle: (call: PublicCall<z.output<B>, z.output<Q>>) => Promise<z.input<R>>,
): void {
  app.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => {
      const own = contextOf(request.raw);
      const body = await readBody(operation.body, own);
      const query = parse(operation.query, request.query, 'query');
      // Fastify's parameters of a route with `:name` segments are strings.
      const params = request.params as Readonly<Record<string, string>>;
      const answer = await handle({ body, query, params, own, reply });
      // T8: who asks is in the answer, and log-in's is no exception for being open to all.
      reply.code(operation.reply.status).header('cache-control', 'private, no-store');
      return operation.reply.status === 204 ? reply.send() : reply.send(operation.reply.schema.parse(answer));
    },
  });
}

async function readBody<B extends z.ZodType>(schema: B | undefined, own: ControlContext): Promise<z.output<B>> {
  // An operation without a body has the type `undefined` here.
  if (schema === undefined) return undefined as z.output<B>;
  const value = await own.body.json();
  if (value !== undefined && !isJson(own)) {
    throw new ProblemError('media-type-refused', { detail: 'Send application/json.' });
  }
  return parse(schema, value, 'body');
}

/** T20: log-in is JSON only; so is every other change, which keeps HTML forms of other sites out. */
function isJson(own: ControlContext): boolean {
  const type = firstHeader(own.request.headers, 'content-type') ?? '';
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

function parse<S extends z.ZodType>(schema: S | undefined, value: unknown, where: string): z.output<S> {
  // An operation without a query has the type `undefined` here.
  if (schema === undefined) return undefined as z.output<S>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = [where, ...(issue?.path.map(String) ?? [])].join('.');
  throw new ProblemError('input-invalid', { detail: `${field}: ${issue?.message ?? 'not valid'}` });
}
