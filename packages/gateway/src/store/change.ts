import { type Actor, actorName } from './actor.ts';
import { appendAudit, type AuditFacts } from './audit.ts';
import type { StoreContext } from './context.ts';
import type { Tx } from './database.ts';
import type { Reach } from './reach.ts';

/** Who changes something, when, and by which request. */
export interface Change {
  readonly actor: Actor;
  readonly nowMs: number;
  readonly requestId?: string | undefined;
}

/** The same after the fact: an actor may be somebody who was nobody before the change, such as a redeemer. */
export interface Trace {
  readonly actor: `user:${string}` | `system:${string}`;
  readonly tenantId: string;
  readonly nowMs: number;
  readonly requestId?: string | undefined;
}

/** A change as the log tells it. */
export function traceOf({ actor, nowMs, requestId }: Change): Trace {
  return { actor: actorName(actor), tenantId: actor.tenantId, nowMs, requestId };
}

/** Appends what happened to the audit log, in the transaction of the change. */
export async function record(
  { tx, ctx }: Writing,
  trace: Trace,
  what: { readonly action: string; readonly subject: string; readonly facts?: AuditFacts },
): Promise<void> {
  const { actor, tenantId, nowMs, requestId } = trace;
  await appendAudit(tx, ctx.random, { ...what, actor, tenantId, atMs: nowMs, requestId });
}

/** A change in progress, and what it stands on. */
export interface Writing {
  readonly tx: Tx;
  readonly ctx: StoreContext;
}

/** Runs a change in one transaction. */
export function change<T>(ctx: StoreContext, reach: Reach, work: (writing: Writing) => Promise<T>): Promise<T> {
  return ctx.database.transaction(reach, (tx) => work({ tx, ctx }));
}
