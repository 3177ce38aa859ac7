import { z } from 'zod';
import { readJsonLine } from '../replay/json-lines.ts';
import { foreignRequest, type RecordedRequest } from '../replay/recorded-request.ts';

/** A request to be inspected, and what should come of it. */
export interface TestCase {
  readonly request: RecordedRequest;
  readonly expected: 'refused' | 'passed' | undefined;
}

/** One line of a file of cases, or why it holds none. */
export type CaseLine = { readonly ok: true; readonly case: TestCase } | { readonly ok: false; readonly reason: string };

const REQUEST_LINE = /^([A-Za-z]{1,16})\s+(\S.*)$/;

/** `GET /a?b=c`, as a person writes it: what no address may hold is encoded as a browser would. Undefined: it is none. */
export function requestFromLine(
  text: string,
  { body, type, place = 1 }: { body?: string | undefined; type?: string | undefined; place?: number } = {},
): RecordedRequest | undefined {
  const found = REQUEST_LINE.exec(text.trim());
  const target = found?.[2] ?? '';
  if (found === null || !target.startsWith('/')) return undefined;
  const headers = type === undefined ? [] : ['content-type', type];
  return foreignRequest({
    place,
    method: found[1] ?? '',
    target: target.replaceAll(/[^!#-;=?-[\]_a-z~]/g, encodeURIComponent),
    headers,
    body: body === undefined ? undefined : Buffer.from(body),
  });
}

const expectation = z.object({
  request: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  body: z.string().optional(),
  type: z.string().optional(),
  expect: z.enum(['refused', 'passed']).optional(),
});

/**
 * One line of JSON: `{ "request": "GET /a?b=c", "body", "type", "expect": "refused" | "passed" }`, or with a request as
 * `replay` reads it (`method`, `path` or `url`, `headers`, `body` or `bodyBase64`), by itself or under `request`.
 */
export function readCase(line: string, place: number): CaseLine {
  const value = parsed(line);
  const found = expectation.safeParse(value);
  if (!found.success) return { ok: false, reason: value === undefined ? 'is no JSON' : 'is no case' };
  const { request, body, type, expect: expected } = found.data;
  if (typeof request === 'string') {
    const read = requestFromLine(request, { body, type, place });
    return read === undefined
      ? { ok: false, reason: 'has a request that is no method and path' }
      : { ok: true, case: { request: read, expected } };
  }
  const recorded = readJsonLine(request === undefined ? line : JSON.stringify(request), place);
  if (!recorded.ok) return { ok: false, reason: recorded.unreadable.reason };
  return { ok: true, case: { request: recorded.request, expected } };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
