import { z } from 'zod';

import { keyEnvironments } from './schema-api-keys.ts';
import { duration, flag, name, origin, permission, rate, refuse, size, text } from './fields.ts';
import { routeOpenApiSchema } from './schema-openapi.ts';
import { routeTextSchema } from './schema-text.ts';
import { routeWafSchema } from './schema-waf.ts';

const ROUTE_PATH = /^\/[^?#\s\\]*$/;
const HEADER_LIST_NAME = /^[a-z0-9-]{1,128}$/;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** `*` and `null` load, so that the audit of weak settings can name them; the gate never matches them. */
const corsOrigin = z.union([z.enum(['*', 'null']), origin()]);

/** Which other origins may read answers. */
export const corsSchema = z
  .strictObject({
    origins: z.array(corsOrigin).prefault([]).describe('Exact origins that may read answers. Empty: none.'),
    credentials: flag().prefault(false).describe("Whether browsers may send the session's cookies along."),
    allowHeaders: z
      .array(text('a header name in lower case', HEADER_LIST_NAME, 'content-type'))
      .default(['content-type', 'x-csrf-token'])
      .describe('Request header fields that a preflight allows.'),
    exposeHeaders: z
      .array(text('a header name in lower case', HEADER_LIST_NAME, 'x-request-id'))
      .default(['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'])
      .describe('Answer header fields that scripts may read.'),
    maxAge: duration('0s', '24h').prefault('10m').describe("How long a browser may keep a preflight's answer."),
  })
  .describe('Which other origins may read answers (CORS).');

const permissions = z.union([
  permission().transform((both) => ({ read: both, write: both })),
  z.strictObject({
    read: permission().describe('Needed by GET and HEAD.'),
    write: permission().describe('Needed by every other method.'),
  }),
]);

const limit = z.strictObject({
  per: z.enum(['address', 'principal', 'tenant', 'route']).describe('What is counted.'),
  rate: rate().describe('How many per how long, such as `300/15m`.'),
});

const route = z.strictObject({
  path: z
    .string()
    .superRefine((path, ctx) => {
      if (!ROUTE_PATH.test(path)) refuse(ctx, 'is not a route path', 'For example /api/**, /api/chats/{id} or /exact.');
    })
    .describe(
      '`/api/**` (the prefix itself and all below), `/api/chats/{id}` or `/exact`. `**` stands only at the end.',
    ),
  upstream: name()
    .optional()
    .describe('Name of the upstream. May be left out when there is one only, and on `deny` routes.'),
  access: z
    .enum(['session', 'key', 'any', 'public'])
    .default('session')
    .describe('Who may call: people with a session, services with an API key, both, or everybody.'),
  keyEnvironments: keyEnvironments()
    .optional()
    .describe('Environments of the API keys that this route takes. Absent: `keys.environments`.'),
  permission: permissions
    .optional()
    .describe(
      'What the caller must hold, such as `orders:read`, or `{ read, write }`. A route without it does not load, unless it is `public` or `deny`.',
    ),
  deny: flag().prefault(false).describe('Refuse this path in every spelling.'),
  methods: z
    .array(z.enum(METHODS))
    .min(1)
    .optional()
    .describe('Methods that are let through. Absent: all of these. The gate answers OPTIONS itself.'),
  limits: z
    .union([z.literal('off').transform((): z.output<typeof limit>[] => []), z.array(limit).min(1)])
    .optional()
    .describe('Replaces the default limits; `off` lifts them.'),
  bodyMax: size('0B', '1GiB').prefault('1MiB').describe('Largest request body; a larger one is refused.'),
  websocket: flag().prefault(false).describe('Whether an upgrade to WebSocket is let through.'),
  cors: corsSchema.optional().describe('Replaces `guards.cors` on this route.'),
  assertion: z
    .enum(['principal', 'request'])
    .default('principal')
    .describe("What the signed `X-Steadygate-Assertion` names: the principal, or this request's method and path too."),
  guards: z
    .strictObject({
      text: routeTextSchema.optional(),
      schema: routeOpenApiSchema.optional(),
      waf: routeWafSchema.optional(),
    })
    .prefault({})
    .describe('Content guards on this route, where they differ from `guards`.'),
});

/** What is served, and to whom. */
export const routesSchema = z
  .array(route)
  .describe(
    'What is served, and to whom. Whatever matches no route is not forwarded. The order does not matter: the most specific path wins.',
  );
