import { z } from 'zod';
import { OPERATIONS } from './operations.ts';
import { Problem } from './problem.ts';
import type { AnyOperation } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of the control API, made from the operations and nothing else. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Steadygate control API', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-token' },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      schemas: { Problem: schemaOf(Problem) },
    },
  };
}

function describe(operation: AnyOperation): Json {
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    security: securityOf(operation.access),
    ...('permission' in operation.access ? { 'x-permission': operation.access.permission } : {}),
    parameters: [...pathParameters(operation.path), ...queryParameters(operation.query)],
    ...(operation.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(operation.body) } } } }),
    responses: { [String(operation.reply.status)]: replyOf(operation), default: problemReply },
  };
}

function securityOf(access: AnyOperation['access']): readonly Json[] {
  if ('public' in access) return [];
  return access.credential === 'key' ? [{ key: [] }] : [{ session: [] }, { bearer: [] }];
}

const problemReply: Json = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function replyOf(operation: AnyOperation): Json {
  if (operation.reply.status === 204) return { description: 'Done' };
  return {
    description: operation.summary,
    content: { 'application/json': { schema: schemaOf(operation.reply.schema) } },
  };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): readonly Json[] {
  if (!(query instanceof z.ZodObject)) return [];
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    // Shapes of the query objects above hold zod types only.
    schema: schemaOf(schema as z.ZodType),
  }));
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', reused: 'inline' });
  return json;
}
