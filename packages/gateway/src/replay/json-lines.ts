import { z } from 'zod';
import { foreignRequest, type Recorded, targetOf, unreadable } from './recorded-request.ts';

const pair = z.tuple([z.string(), z.string()]);

/** One line: what the gate itself records, and the least that another program must write. */
const lineSchema = z.object({
  method: z.string().min(1).max(32),
  /** Path and query, or a whole URL. */
  url: z.string().min(1).optional(),
  path: z.string().startsWith('/').optional(),
  query: z.string().default(''),
  at: z.union([z.number(), z.iso.datetime({ offset: true })]).optional(),
  address: z.string().optional(),
  headers: z.union([z.array(pair), z.record(z.string(), z.union([z.string(), z.array(z.string())]))]).default([]),
  body: z.string().optional(),
  bodyBase64: z.base64().optional(),
  bodyOmitted: z.boolean().default(false),
  caller: z
    .object({
      tenant: z.string(),
      user: z.string(),
      role: z.string(),
      kind: z.enum(['session', 'key']),
      permissions: z.array(z.string()).default([]),
    })
    .optional(),
  verdict: z
    .object({ outcome: z.enum(['allow', 'answer', 'deny']), guard: z.string().optional(), rule: z.string().optional() })
    .optional(),
});

type Line = z.output<typeof lineSchema>;

/** One line of JSON: a request as the gate records it, or `{ method, url | path, headers, body }` of another program. */
export function readJsonLine(line: string, place: number): Recorded {
  const value = parsed(line);
  if (value === undefined) return unreadable(place, 'is no JSON');
  const found = lineSchema.safeParse(value);
  if (!found.success) return unreadable(place, faultOf(found.error));
  const target = targetIn(found.data);
  if (target === undefined) return unreadable(place, 'has neither a path nor a URL of http or https');
  return { ok: true, request: requestOf(found.data, target, place) };
}

function requestOf(line: Line, target: string, place: number) {
  const { method, address, headers, bodyOmitted: isBodyMissing } = line;
  return foreignRequest({
    place,
    method,
    target,
    atMs: typeof line.at === 'string' ? Date.parse(line.at) : line.at,
    address,
    headers: flat(headers),
    body: bodyOf(line),
    isBodyMissing,
    ...(line.caller === undefined ? {} : { caller: callerOf(line.caller) }),
    ...(line.verdict === undefined ? {} : { verdict: verdictOf(line.verdict) }),
  });
}

function targetIn({ url, path, query }: Line): string | undefined {
  if (path !== undefined) return query === '' ? path : `${path}?${query}`;
  return url === undefined ? undefined : targetOf(url);
}

function bodyOf({ body, bodyBase64 }: Line): Uint8Array | undefined {
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64');
  return body === undefined ? undefined : Buffer.from(body);
}

function callerOf({ tenant, user, role, kind, permissions }: NonNullable<Line['caller']>) {
  return { tenantId: tenant, userId: user, role, kind, permissions };
}

function verdictOf({ outcome, guard, rule }: NonNullable<Line['verdict']>) {
  return { outcome, guard, rule };
}

function flat(headers: Line['headers']): readonly string[] {
  if (Array.isArray(headers)) return headers.flat();
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((each) => [name, each]));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  return where === '' ? 'is no request' : `has no valid ${where}`;
}
