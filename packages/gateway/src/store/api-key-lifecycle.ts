import { type ApiKey, type ApiKeyDraft, isUsable, type KeyEndReason, toApiKey } from './api-key.ts';
import { type Change, record, type Trace, traceOf, type Writing } from './change.ts';
import type { Digest } from './crypto-port.ts';

/** A rotation: the successor's id and digest, and how long the old key goes on. */
export interface Rotation {
  readonly id: string;
  readonly digest: Digest;
  /** 0 ends the old key at once. It never outlives its own end. */
  readonly overlapMs: number;
}

/** Which keys end: all that match everything named. */
export interface KeyFilter {
  readonly id?: string | undefined;
  readonly userId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** Ends keys at once; each gets its entry and its event. Returns how many. */
export async function revokeKeys(
  { tx, ctx }: Writing,
  which: KeyFilter,
  { reason, trace }: { readonly reason: KeyEndReason; readonly trace: Trace },
): Promise<number> {
  const { nowMs } = trace;
  let update = tx.db
    .updateTable('apiKey')
    .set({ revokedAtMs: nowMs, revokeReason: reason })
    .where('revokedAtMs', 'is', null);
  for (const column of ['id', 'userId', 'tenantId'] as const) {
    const value = which[column];
    if (value !== undefined) update = update.where(column, '=', value);
  }
  const ended = await update.returning(['id', 'tenantId', 'userId']).execute();
  for (const { id, tenantId, userId } of ended) {
    const what = { action: 'key.revoked', subject: id, facts: { user: userId, reason } };
    await record({ tx, ctx }, { ...trace, tenantId }, what);
    await ctx.events.append(tx, { kind: 'key.ended', tenantId, subject: id, atMs: nowMs });
  }
  return ended.length;
}

/** A key of a service account that exists. */
type NewKey = Omit<ApiKeyDraft, 'name'> & { readonly tenantId: string; readonly userId: string };

/** Inserts a key with its entry. */
export async function insertKey(writing: Writing, draft: NewKey, trace: Trace): Promise<ApiKey> {
  const { isImported, permissions, addresses, rate, lifeMs, ...rest } = draft;
  const row = {
    ...rest,
    isImported: isImported ? 1 : 0,
    permissions: JSON.stringify(permissions),
    addresses: JSON.stringify(addresses),
    rate: rate ?? null,
    createdAtMs: trace.nowMs,
    lifeMs: lifeMs ?? null,
    expiresAtMs: lifeMs === undefined ? null : trace.nowMs + lifeMs,
    rotatedAtMs: null,
    revokedAtMs: null,
    revokeReason: null,
    lastUsedAtMs: null,
    remindedAtMs: null,
  };
  await writing.tx.db.insertInto('apiKey').values(row).execute();
  const { expiresAtMs, environment } = row;
  const facts = {
    user: row.userId,
    environment,
    permissions: permissions.join(' '),
    expiresAtMs,
    imported: isImported,
  };
  await record(writing, trace, { action: 'key.created', subject: row.id, facts });
  return toApiKey(row);
}

/** Gives a usable key of the actor's tenant a successor, which is what the old key was, for as long as that was made for; its owner is the same (T10). */
export async function rotateKey(
  writing: Writing,
  { id, to }: { readonly id: string; readonly to: Rotation },
  by: Change,
): Promise<ApiKey | 'not-found' | 'spent'> {
  const { tenantId } = by.actor;
  const mine = writing.tx.db.selectFrom('apiKey').selectAll().where('tenantId', '=', tenantId).where('id', '=', id);
  const row = await mine.executeTakeFirst();
  const old = row === undefined ? undefined : toApiKey(row);
  if (old === undefined || !isUsable(old, by.nowMs)) return 'not-found';
  if (old.rotatedAtMs !== undefined) return 'spent';
  const trace = traceOf(by);
  const { id: successorId, digest, overlapMs } = to;
  const { userId, environment, permissions, addresses, rate, lifeMs } = old;
  const draft = { id: successorId, digest, tenantId, userId, environment, permissions, addresses, rate, lifeMs };
  await retire(writing, old, { overlapMs, trace });
  const made = await insertKey(writing, { ...draft, isImported: false }, trace);
  const facts = { successor: successorId, overlapMs };
  await record(writing, trace, { action: 'key.rotated', subject: id, facts });
  return made;
}

interface Retirement {
  readonly overlapMs: number;
  readonly trace: Trace;
}

async function retire(writing: Writing, old: ApiKey, { overlapMs, trace }: Retirement): Promise<void> {
  const { tx, ctx } = writing;
  const { id, tenantId } = old;
  const { nowMs } = trace;
  const expiresAtMs = Math.min(old.expiresAtMs ?? Infinity, nowMs + overlapMs);
  const mine = tx.db.updateTable('apiKey').where('tenantId', '=', tenantId).where('id', '=', id);
  await mine.set({ rotatedAtMs: nowMs, expiresAtMs }).execute();
  if (overlapMs === 0) await revokeKeys(writing, { id, tenantId }, { reason: 'rotated', trace });
  else await ctx.events.append(tx, { kind: 'key.changed', tenantId, subject: id, atMs: nowMs });
}
