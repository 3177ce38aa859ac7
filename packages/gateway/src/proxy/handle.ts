import type { IncomingMessage, ServerResponse } from 'node:http';
import { canonicaliseRequest, decide, isNavigation, ProblemError } from '@steadygate/core';
import type { CanonicalRequest, Decision, GuardContext, RouteMatch } from '@steadygate/core';
import { newRequestId } from '../decisions/request-id.ts';
import { Exchange } from './exchange.ts';
import type { Admitted } from './exchange.ts';
import { answerEmpty, answerFailure, answerProblem } from './own-answer.ts';
import type { Plane } from './plane.ts';
import { IncomingBody } from './request-body.ts';
import { beginTrace } from './tracing.ts';

/** A request as Node's server gives it. */
export interface Arrival {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** The client waits for `100 Continue`. */
  readonly expectsContinue: boolean;
}

/** Goes on with what the guards let through. */
export type Proceed = (exchange: Exchange, admitted: Admitted, nowMs: number) => void | Promise<void>;

/** Starts an exchange: from here on exactly one answer and one record follow. */
export function beginExchange(plane: Plane, { incoming, response }: Arrival): Exchange {
  const { state, events, recorder, clock } = plane.deps;
  const startedMs = clock.nowMs();
  return new Exchange({
    incoming,
    response,
    generation: state.current(),
    requestId: newRequestId(plane.ids, startedMs),
    startedMs,
    events,
    recorder,
    nowMs: () => clock.nowMs(),
    monotonicMs: plane.monotonicMs,
  });
}

/**
 * Takes a request through canonical form, route match and guards, and hands what passes to `proceed`.
 *
 * Never throws; stays synchronous while every guard does.
 */
export function judgeArrival(plane: Plane, exchange: Exchange, way: { arrival: Arrival; proceed: Proceed }): void {
  try {
    const judged = judge(plane, exchange, way);
    if (judged instanceof Promise) judged.catch((cause: unknown) => answerFailure(exchange, cause));
  } catch (cause) {
    answerFailure(exchange, cause);
  }
}

function judge(
  plane: Plane,
  exchange: Exchange,
  { arrival, proceed }: { arrival: Arrival; proceed: Proceed },
): void | Promise<void> {
  const request = canonical(plane, exchange);
  if (request === undefined) return undefined;
  const match = exchange.generation.table.match(request.method, request.path);
  if (match === undefined) {
    refuse(
      exchange,
      { guard: 'route', rule: 'no route matches' },
      { problem: new ProblemError('not-found'), closes: false },
    );
    return undefined;
  }
  exchange.match = match;
  const nowMs = exchange.startedMs;
  const body = bodyOf(plane, exchange, { arrival, request, match });
  const ctx: GuardContext = { request, match, principal: undefined, body, nowMs };
  const conclude = (decision: Decision): void | Promise<void> => {
    exchange.decision = decision;
    if (decision.outcome === 'allow') return proceed(exchange, { request, match, decision, body }, nowMs);
    answerDecision(exchange, decision);
    return undefined;
  };
  const decision = decide(match.route.guards, ctx);
  return decision instanceof Promise ? decision.then(conclude) : conclude(decision);
}

function bodyOf(
  plane: Plane,
  exchange: Exchange,
  facts: { arrival: Arrival; request: CanonicalRequest; match: RouteMatch },
): IncomingBody {
  const { incoming, response, expectsContinue } = facts.arrival;
  const body = new IncomingBody(
    { incoming, response, request: facts.request, expectsContinue, watch: exchange.watch },
    {
      bytesMax: facts.match.route.policy.bodyBytesMax,
      stallMs: exchange.generation.timeouts.requestBodyMs,
      pulse: plane.pulse,
    },
  );
  exchange.body = body;
  return body;
}

/** The request's one spelling; undefined after it was refused. */
function canonical(plane: Plane, exchange: Exchange): CanonicalRequest | undefined {
  const { incoming, generation, requestId } = exchange;
  const canon = canonicaliseRequest(
    {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      rawHeaders: incoming.rawHeaders,
      peerAddress: incoming.socket.remoteAddress ?? '',
      tls: 'encrypted' in incoming.socket,
      httpVersion: incoming.httpVersion,
    },
    generation.canonical,
    requestId,
  );
  if (!canon.ok) {
    const { rule, code, detail, closes, field } = canon;
    beginTrace(plane, exchange, undefined);
    const finding = { guard: 'canonical', rule, ...(field === undefined ? {} : { field }) };
    refuse(exchange, finding, { problem: new ProblemError(code, { detail }), closes });
    return undefined;
  }
  if (canon.forwardingForged) {
    exchange.claimsForwarding = true;
    const message = `${canon.request.peerAddress} sends forwarding fields and is no trusted proxy.`;
    plane.deps.events.alert({ kind: 'forwarding-forged', requestId, message });
  }
  exchange.request = canon.request;
  beginTrace(plane, exchange, canon.request);
  return canon.request;
}

function refuse(
  exchange: Exchange,
  finding: Decision['findings'][number],
  answer: { problem: ProblemError; closes: boolean },
): void {
  const { problem, closes } = answer;
  const denial = { guard: finding.guard, code: problem.code, facts: problem.facts };
  exchange.decision = { ...exchange.decision, outcome: 'deny', denial, findings: [finding] };
  answerProblem(exchange, problem, { closes });
}

/** What the guards answered or refused. */
function answerDecision(exchange: Exchange, decision: Decision): void {
  const { denial } = decision;
  if (denial === undefined) {
    answerEmpty(exchange, decision.status ?? 204);
    return;
  }
  if (denial.code === 'credential-required' && exchange.request !== undefined && isNavigation(exchange.request)) {
    const { path, query } = exchange.request;
    // Canonical, so it starts with one slash: it can name no other origin.
    const returnTo = encodeURIComponent(query === '' ? path : `${path}?${query}`);
    answerEmpty(exchange, 303, ['location', `/auth/login?returnTo=${returnTo}`, 'vary', 'Accept, Sec-Fetch-Mode']);
    return;
  }
  answerProblem(exchange, new ProblemError(denial.code, denial.facts));
}
