import { filterLists, listedIds, newObjectId, parseExactJson, parseStrictJson, ProblemError } from '@steadygate/core';
import type { EventSink, Ledger, ObjectName, Operation, Owners, Principal, Resource } from '@steadygate/core';

/** What settling an answer needs. */
export interface SettleDeps {
  readonly ledger: Ledger;
  readonly owners: Owners;
  readonly events: EventSink;
}

/** Whose answer it is. */
export interface Settlement {
  readonly operation: Operation;
  readonly principal: Principal;
  readonly requestId: string;
  readonly nowMs: number;
}

/**
 * Claims the object that an answer says was created, before its first byte leaves (T4).
 *
 * @throws ProblemError `unavailable` when the claim could not be written, `answer-refused` when there is nothing to claim
 * or somebody else owns it (T5)
 */
export async function claimCreated(deps: SettleDeps, settlement: Settlement, bytes: Uint8Array): Promise<void> {
  const { operation, principal, nowMs } = settlement;
  const answer = parseStrictJson(decoded(bytes));
  const created = answer.ok ? newObjectId(operation, answer.value) : answer;
  if (!created.ok || operation.creates === undefined) {
    const rule = created.ok ? 'creates nothing' : created.rule;
    tellUnclaimed(deps, settlement.requestId, rule);
    throw new ProblemError('answer-refused', {}, { cause: new Error(rule) });
  }
  const object = nameOf(operation.creates.resource, created.id, principal.tenantId);
  const outcome = await deps.ledger
    .claim(object, principal.userId, nowMs)
    .catch((cause: unknown) => orphaned(deps, settlement, { object, cause }));
  if (outcome === 'claimed') return;
  const message = `User ${principal.userId} was answered ${object.resource} ${object.objectId}, which is not free.`;
  alert(deps, settlement, { kind: 'ownership-conflict', message });
  throw new ProblemError('answer-refused', {}, { cause: new Error('ownership conflict') });
}

/** Tells that an upstream made an object that nobody could be made the owner of (T4). */
export function tellUnclaimed(deps: SettleDeps, requestId: string, reason: string): void {
  const message = `An object was created and cannot be claimed: ${reason}.`;
  deps.events.alert({ kind: 'orphan', requestId, message });
}

/** The claim failed: the object stays unreachable until an operator assigns it. */
async function orphaned(
  deps: SettleDeps,
  settlement: Settlement,
  failed: { readonly object: ObjectName; readonly cause: unknown },
): Promise<never> {
  const { object, cause } = failed;
  const message = `${object.resource} ${object.objectId} was created and its claim could not be written.`;
  alert(deps, settlement, { kind: 'orphan', message });
  // The store that lost the claim may refuse this as well; the alert has told it then.
  await deps.ledger.orphan(object, 'claim failed', settlement.nowMs).catch(() => undefined);
  throw new ProblemError('unavailable', {}, { cause });
}

/**
 * A list without the objects of others, written anew.
 *
 * @throws ProblemError `answer-refused` when the answer is not of the declared shape
 */
export async function filterListed(deps: SettleDeps, settlement: Settlement, bytes: Uint8Array): Promise<Uint8Array> {
  const { operation, principal } = settlement;
  const { text, value: answer } = strictJson(bytes);
  const owned = new Map<Resource, ReadonlySet<string>>();
  for (const [resource, ids] of listedIds(operation, answer)) {
    const { tenantId, userId } = principal;
    const scope = { tenantId, upstream: resource.upstream, resource: resource.name, ownerId: userId };
    // One resource after the other: operations list one, seldom two.
    owned.set(resource, await deps.owners.ownedOf(scope, ids));
  }
  const filtered = filterLists(
    operation,
    parseExactJson(text),
    (resource, id) => owned.get(resource)?.has(id) === true,
  );
  if (filtered === undefined)
    throw new ProblemError('answer-refused', {}, { cause: new Error('not the declared list') });
  return Buffer.from(JSON.stringify(filtered));
}

/**
 * Leaves a tombstone for the path's object, which is the last of its ids (T5).
 *
 * @throws ProblemError `unavailable` when it could not be written
 */
export async function releaseDeleted(deps: SettleDeps, settlement: Settlement): Promise<void> {
  const { operation, principal, nowMs } = settlement;
  const deleted = operation.pathIds.at(-1);
  if (deleted === undefined) return;
  const object = nameOf(deleted.resource, deleted.objectId, principal.tenantId);
  try {
    await deps.ledger.release(object, principal.userId, nowMs);
  } catch (cause) {
    throw new ProblemError('unavailable', {}, { cause });
  }
}

/** An object's full name. */
export function nameOf(resource: Resource, objectId: string, tenantId: string): ObjectName {
  return { tenantId, upstream: resource.upstream, resource: resource.name, objectId };
}

function strictJson(bytes: Uint8Array): { readonly text: string; readonly value: unknown } {
  const text = decoded(bytes);
  const answer = parseStrictJson(text);
  if (answer.ok) return { text, value: answer.value };
  throw new ProblemError('answer-refused', {}, { cause: new Error(answer.rule) });
}

/** Decoding never throws here: what is not UTF-8 becomes characters that no id has. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function alert(
  deps: SettleDeps,
  { requestId }: Settlement,
  { kind, message }: { readonly kind: 'orphan' | 'ownership-conflict'; readonly message: string },
): void {
  deps.events.alert({ kind, requestId, message });
}
