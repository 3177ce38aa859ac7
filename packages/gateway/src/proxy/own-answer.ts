import { problemOf } from '@steadygate/core';
import type { HeaderList, ProblemError } from '@steadygate/core';
import { problemAnswer } from './answer-problem.ts';
import type { Exchange } from './exchange.ts';

const NO_STORE = ['cache-control', 'private, no-store'];
const CLOSE = ['connection', 'close'];

/** Fields of every answer that the gate itself gives. */
export function ownHeaders(exchange: Exchange): HeaderList {
  const { decision, requestId } = exchange;
  return [...securityFields(exchange), ...decision.answerHeaders, 'x-request-id', requestId];
}

/** The security headers that fit how the client reached us. */
function securityFields(exchange: Exchange): HeaderList {
  const { securityHeaders } = exchange.generation;
  return isHttps(exchange) ? securityHeaders.https : securityHeaders.http;
}

/** Whether the client's side is encrypted. */
export function isHttps({ request, incoming }: Exchange): boolean {
  return request === undefined ? 'encrypted' in incoming.socket : request.scheme === 'https';
}

/** Answers with a problem. Once the head was sent nothing can be said any more: the connection breaks instead. */
export function answerProblem(exchange: Exchange, problem: ProblemError, options: { closes?: boolean } = {}): void {
  if (exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(problem.code, problem.facts, exchange.requestId);
  const closing = options.closes === true || exchange.hasUnreadBody() ? CLOSE : [];
  if (exchange.writeHead(status, [...headers, ...ownHeaders(exchange), ...NO_STORE, ...closing])) exchange.end(body);
}

/** Answers with a status and fields alone: preflights, redirects. */
export function answerEmpty(exchange: Exchange, status: number, headers: HeaderList = []): void {
  const closing = exchange.hasUnreadBody() ? CLOSE : [];
  // RFC 9110 §8.6: no content-length with 204.
  const length = status === 204 ? [] : ['content-length', '0'];
  const all = [...headers, ...length, ...ownHeaders(exchange), ...NO_STORE, ...closing];
  if (exchange.writeHead(status, all)) exchange.end();
}

/** Answers what was thrown, and keeps its private reason for the log. */
export function answerFailure(exchange: Exchange, cause: unknown): void {
  const problem = problemOf(cause);
  tellRefusal(exchange, 'forward', problem);
  answerProblem(exchange, problem);
}

/** Notes that a request was refused after its guards had passed it. */
export function tellRefusal(exchange: Exchange, guard: string, problem: ProblemError): void {
  const { decision } = exchange;
  exchange.decision = {
    ...decision,
    outcome: 'deny',
    denial: { guard, code: problem.code, facts: problem.facts, violation: problem.violation },
    findings: [...decision.findings, { guard, rule: problem.code }],
    cause: problem.cause ?? decision.cause,
  };
}
