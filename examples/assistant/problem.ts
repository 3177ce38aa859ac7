import type { ServerResponse } from 'node:http';

const PROBLEMS = {
  'bad-request': { status: 400, title: 'Bad request' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'too-large': { status: 413, title: 'Body too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'upgrade-required': { status: 426, title: 'Upgrade required' },
  internal: { status: 500, title: 'Internal error' },
} as const;

/** Stable name of a failure that a caller may see. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A failure whose `detail` is safe to publish; everything else is a bug. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }
}

/** Answers with `application/problem+json` (RFC 9457). A bug is logged and tells the caller nothing. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const problem = toProblem(error);
  // A stream that broke off has sent its status already; cutting it is the only honest sign left.
  if (response.headersSent) return void response.destroy();

  const { status, title } = PROBLEMS[problem.code];
  const body = { type: 'about:blank', title, status, code: problem.code, detail: problem.detail };
  response.writeHead(status, { ...problem.headers, 'content-type': 'application/problem+json' });
  response.end(JSON.stringify(body));
}

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;

  console.error(error);
  return new ProblemError('internal', 'The application failed to answer.');
}
