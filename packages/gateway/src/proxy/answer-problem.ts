import { PROBLEMS, problemBody } from '@steadygate/core';
import type { HeaderList, ProblemCode, ProblemFacts } from '@steadygate/core';

/** A refusal, ready to be written. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/**
 * Renders a problem as `application/problem+json` (RFC 9457); never more than its code and facts.
 *
 * The challenge of a 401 comes with the decision: the guard that asks for a credential knows which.
 */
export function problemAnswer(code: ProblemCode, facts: ProblemFacts, requestId: string): ProblemAnswer {
  const body = Buffer.from(JSON.stringify(problemBody(code, facts, requestId)));
  const { status } = PROBLEMS[code];
  const headers = ['content-type', 'application/problem+json', 'content-length', String(body.length)];
  if (facts.retryAfterSeconds !== undefined) headers.push('retry-after', String(facts.retryAfterSeconds));
  return { status, headers, body };
}

/** A refusal for a socket that never became a request; `common` is what every answer carries. */
export function rawProblem(code: ProblemCode, requestId: string, common: HeaderList): string {
  const { status, headers, body } = problemAnswer(code, {}, requestId);
  const fields = [...headers, ...common, 'x-request-id', requestId, 'cache-control', 'no-store', 'connection', 'close'];
  const lines = fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1] ?? ''}`] : []));
  return `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${body.toString()}`;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};
