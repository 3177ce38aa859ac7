import { decide, parseStrictJson, ProblemError } from '@steadygate/core';
import type { Decision, DecisionRecord, Guard, ParsedJson, RequestBody } from '@steadygate/core';
import { bodyText } from './body-content.ts';
import type { MessageContext, PassedMessage } from './socket-messages.ts';

/** A message stays on its open socket, whatever becomes of it: the status of the upgrade. */
const SWITCHED = 101;

/**
 * Judges a message by what inspects requests on its route, as if it were the body of one (T7, WK15).
 *
 * Undefined where nothing inspects. Never throws: an inspection that fails counts as its guard says.
 */
export function inspected(context: MessageContext, message: PassedMessage): Decision | Promise<Decision> | undefined {
  const { admitted, nowMs } = context;
  const { match, request, decision } = admitted;
  const guards = match.route.guards.filter(isInspection);
  if (guards.length === 0) return undefined;
  const bytes = typeof message.data === 'string' ? Buffer.from(message.data) : message.data;
  // The head was judged when the socket was opened.
  const asRequest = {
    ...request,
    path: '/',
    query: '',
    headers: message.isBinary ? ['content-type', 'application/octet-stream'] : [],
    upgrade: undefined,
    bodyBytes: bytes.length,
  };
  return decide(guards, { request: asRequest, match, principal: decision.principal, body: bodyOf(bytes), nowMs });
}

function isInspection({ phase, mode }: Guard): boolean {
  return phase === 'inspect' && mode !== 'off';
}

function bodyOf(bytes: Buffer): RequestBody {
  return {
    bytes: () => Promise.resolve(bytes),
    text: () => Promise.resolve(bodyText(bytes)),
    json: () => Promise.resolve(jsonOf(parseStrictJson(bytes.toString('utf8')))),
  };
}

function jsonOf(parsed: ParsedJson): unknown {
  if (parsed.ok) return parsed.value;
  throw new ProblemError('body-invalid', {}, { cause: new Error(parsed.rule) });
}

/** What the decision log keeps of a message that was refused, or that shadow rules found something in. */
export function messageRecord(
  { admitted, nowMs }: MessageContext,
  requestId: string,
  decision: Decision,
): DecisionRecord {
  const { request, match } = admitted;
  const { method, path, clientAddress } = request;
  const { config: route, path: routePath } = match.route.policy;
  return {
    requestId,
    atMs: nowMs,
    method,
    path,
    clientAddress,
    route,
    routePath,
    decision,
    status: SWITCHED,
    durationMs: 0,
    answerBytes: 0,
  };
}
