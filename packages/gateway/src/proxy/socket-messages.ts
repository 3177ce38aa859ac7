import { callerKey, inboundMessage } from '@steadygate/core';
import type { BucketStore, Owners, RouteLimit } from '@steadygate/core';
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
 * What of a client's message may go up (T7): undefined when its type is undeclared, its object somebody else's, its
 * permission missing or its budget spent. Without declared `messages` nothing goes up.
 */
export async function upward(
  deps: MessageDeps,
  context: MessageContext,
  { data, isBinary }: SocketMessage,
): Promise<string | undefined> {
  const messages = operationOf(context.admitted)?.messages;
  const { principal } = context.admitted.decision;
  if (messages === undefined || principal === undefined || isBinary) return undefined;
  // Counted before it is parsed: a flood of rubbish costs its sender the same.
  if (!(await hasBudget(deps.buckets, context))) return undefined;
  const message = inboundMessage(messages, data.toString('utf8'));
  if (!message.ok || !principal.permissions.has(message.permission)) return undefined;
  const owner = await deps.owners.ownerOf(nameOf(messages.resource, message.objectId, principal.tenantId));
  return owner === principal.userId ? message.text : undefined;
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
