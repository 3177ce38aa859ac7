import { callerKey, inboundMessage } from '@steadygate/core';
import type { BucketStore, Owners, RouteLimit, SocketMessages } from '@steadygate/core';
import { mayComeDown } from './event-filter.ts';
import type { Admitted } from './exchange.ts';
import type { Generation } from './generation.ts';
import { operationOf } from './reauthorise.ts';
import { nameOf } from './settle.ts';

/** A message as `ws` gives it. */
export interface SocketMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** A message that may pass, as it is sent on. */
export interface PassedMessage {
  readonly data: string | Buffer;
  readonly isBinary: boolean;
}

/** What messages are judged with. */
export interface MessageDeps {
  readonly owners: Owners;
  readonly buckets: BucketStore;
}

/** Who sent or gets a message, by which rules, and when. */
export interface MessageContext {
  readonly admitted: Admitted;
  readonly generation: Generation;
  readonly nowMs: number;
}

/**
 * What of a client's message may go up (T7), or undefined.
 *
 * To an upstream with isolated objects: a declared type, with its permission, about an object of the caller; without
 * declared `messages` nothing. To any other upstream: whatever a caller sends who may write on this route.
 */
export async function upward(
  deps: MessageDeps,
  context: MessageContext,
  message: SocketMessage,
): Promise<PassedMessage | undefined> {
  const operation = operationOf(context.admitted);
  const isPossible =
    operation === undefined ? mayWrite(context) : operation.messages !== undefined && !message.isBinary;
  // Counted before it is parsed: a flood of rubbish costs its sender the same.
  if (!isPossible || !(await hasBudget(deps.buckets, context))) return undefined;
  return operation?.messages === undefined
    ? message
    : ownUpward(deps, context, { messages: operation.messages, message });
}

/** A message is a change, though its socket was opened by a GET. */
function mayWrite({ admitted }: MessageContext): boolean {
  const { access, permission } = admitted.match.route.policy;
  if (permission === undefined) return access === 'public';
  return admitted.decision.principal?.permissions.has(permission.write) === true;
}

async function ownUpward(
  deps: MessageDeps,
  { admitted }: MessageContext,
  { messages, message }: { messages: SocketMessages; message: SocketMessage },
): Promise<PassedMessage | undefined> {
  const { principal } = admitted.decision;
  const judged = inboundMessage(messages, message.data.toString('utf8'));
  if (!judged.ok || principal?.permissions.has(judged.permission) !== true) return undefined;
  const owner = await deps.owners.ownerOf(nameOf(messages.resource, judged.objectId, principal.tenantId));
  return owner === principal.userId ? { data: judged.text, isBinary: false } : undefined;
}

async function hasBudget(buckets: BucketStore, context: MessageContext): Promise<boolean> {
  const { policy } = context.admitted.match.route;
  for (const limit of policy.limits ?? [context.generation.messageLimit]) {
    const key = `message|${policy.config}|${limit.per}|${limit.text}|${counted(limit, context)}`;
    // One after the other: a message that one limit refuses costs nothing of the next.
    const taken = await buckets.take(key, limit.rate, context.nowMs);
    if (taken.waitMs > 0) return false;
  }
  return true;
}

function counted({ per }: RouteLimit, { admitted }: MessageContext): string {
  const { principal } = admitted.decision;
  if (per === 'route') return '';
  if (per === 'address' || principal === undefined) return callerKey(admitted.request.clientAddress);
  return per === 'tenant' ? principal.tenantId : `${principal.tenantId}|${principal.userId}`;
}

/** What of an upstream's message may come down, without secrets (T8); undefined when it is another's or unreadable. */
export function downward(
  deps: MessageDeps,
  context: MessageContext,
  message: SocketMessage,
): SocketMessage | undefined | Promise<SocketMessage | undefined> {
  const { scrubber } = context.generation;
  const pass = (isAllowed: boolean): SocketMessage | undefined => {
    if (!isAllowed) return undefined;
    return scrubber === undefined ? message : { ...message, data: Buffer.from(scrubber.all(message.data)) };
  };
  const isAllowed = mayPass(deps, context, message);
  return isAllowed instanceof Promise ? isAllowed.then(pass) : pass(isAllowed);
}

function mayPass(
  { owners }: MessageDeps,
  { admitted }: MessageContext,
  { data, isBinary }: SocketMessage,
): boolean | Promise<boolean> {
  const operation = operationOf(admitted);
  if (operation === undefined) return true;
  const { principal } = admitted.decision;
  const { events } = operation;
  if (events !== undefined) {
    if (isBinary) return false;
    return mayComeDown({ events: () => events, owners, principal }, data.toString('utf8'));
  }
  // The socket belongs to its path's object, or to none; what is neither is not declared.
  return operation.pathIds.length > 0 || operation.unowned !== undefined;
}
