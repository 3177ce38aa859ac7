import { type Block, type BlockSubject, blockMs, nextLevel, subjectKey } from '@steadygate/core';
import type { Selectable } from 'kysely';
import { type Actor, actorName, assertPlatform, type SystemActor, SYSTEM_TENANT } from './actor.ts';
import { type Change, change, record, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import { type Page, type PageRequest, parseTimeCursor, timeCursor, toPage } from './page.ts';
import { EVERY_TENANT, type Reach } from './reach.ts';
import type { BlockTable } from './schema.ts';

const ADDRESS = { table: 'block', column: 'sealedAddress' } as const;

/** Which blocks are meant: those of a tenant's keys and users, or those of addresses, which are the platform's (T15). */
export type BlockScope = 'callers' | 'addresses';

/** A block as it is kept. */
export interface StoredBlock extends Block {
  readonly tenantId: string;
  /** Which in a row it is. */
  readonly level: number;
  readonly requestId: string | undefined;
  /** As the audit log names who made it. */
  readonly madeBy: string;
  readonly createdAtMs: number;
}

/** A block that is to be. */
export interface BlockDraft {
  readonly subject: BlockSubject;
  readonly cause: string;
  /** Growing, or as long as somebody says: then it replaces one that is in force. */
  readonly lasts: { readonly stepsMs: readonly number[]; readonly forgetAfterMs: number } | { readonly ms: number };
}

/** Blocked callers. */
export interface Blocks {
  /** Blocks a subject of the actor's tenant, or an address for the platform. One that is in force already is returned as it is. */
  place(draft: BlockDraft, by: Change): Promise<StoredBlock>;
  /** Ends a block of the actor's tenant and forgets it; undefined when there is none in force. */
  lift(id: string, scope: BlockScope, by: Change): Promise<StoredBlock | undefined>;
  /** Blocks of the actor's tenant that are in force, newest first. */
  list(
    actor: Actor,
    which: PageRequest & { readonly scope: BlockScope; readonly nowMs: number },
  ): Promise<Page<StoredBlock>>;
  /** The same of all tenants. */
  all(actor: SystemActor, which: PageRequest & { readonly nowMs: number }): Promise<Page<StoredBlock>>;
  /** A block in force, whoever's it is: for the program itself. */
  byId(id: string, nowMs: number): Promise<StoredBlock | undefined>;
  /** What must be in force after a start; those that last longest first. */
  inForce(nowMs: number, limit: number): Promise<readonly StoredBlock[]>;
  /** Erases addresses that are not blocked any more, and forgets blocks that ended before a time. */
  prune(at: { readonly nowMs: number; readonly endedBeforeMs: number }): Promise<void>;
}

/** Blocks in the store. */
export function blocks(ctx: StoreContext): Blocks {
  const inForce = (reach: Reach, nowMs: number) => blocksIn(ctx, reach).where('untilMs', '>', nowMs);
  return {
    place: (draft, by) => change(ctx, by.actor, (writing) => place(writing, draft, by)),
    lift: (id, scope, by) => change(ctx, by.actor, (writing) => lift(writing, { id, scope }, by)),
    list: (actor, which) =>
      page(
        ctx,
        inForce(actor, which.nowMs).where('tenantId', '=', actor.tenantId).where('kind', 'in', KINDS[which.scope]),
        which,
      ),
    all: (_actor, which) => page(ctx, inForce(EVERY_TENANT, which.nowMs), which),
    async byId(id, nowMs) {
      const row = await inForce(EVERY_TENANT, nowMs).where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toBlock(ctx, row);
    },
    async inForce(nowMs, limit) {
      const rows = await inForce(EVERY_TENANT, nowMs).orderBy('untilMs', 'desc').limit(limit).execute();
      return rows.map((row) => toBlock(ctx, row));
    },
    prune: ({ nowMs, endedBeforeMs }) =>
      ctx.database.transaction(EVERY_TENANT, async ({ db }) => {
        await db.deleteFrom('block').where('untilMs', '<', endedBeforeMs).execute();
        const over = db.updateTable('block').set({ sealedAddress: null }).where('untilMs', '<=', nowMs);
        await over.where('sealedAddress', 'is not', null).execute();
      }),
  };
}

const KINDS: Readonly<Record<BlockScope, readonly string[]>> = { callers: ['key', 'user'], addresses: ['address'] };

type Row = Selectable<BlockTable>;

async function place(writing: Writing, draft: BlockDraft, by: Change): Promise<StoredBlock> {
  const { tx, ctx } = writing;
  const named = nameOf(ctx, draft.subject, by.actor);
  const { tenantId, kind, subject } = named;
  const mine = tx.db.selectFrom('block').selectAll().where('tenantId', '=', tenantId);
  const past = await mine.where('kind', '=', kind).where('subject', '=', subject).executeTakeFirst();
  const isGrowing = 'stepsMs' in draft.lasts;
  if (past !== undefined && past.untilMs > by.nowMs && isGrowing) return toBlock(ctx, past);
  const id = ctx.random.id();
  const row: Row = {
    ...named,
    id,
    sealedAddress: sealedAddress(ctx, draft.subject, id),
    ...lastingOf(draft, past, by.nowMs),
    cause: draft.cause,
    requestId: by.requestId ?? null,
    madeBy: actorName(by.actor),
    createdAtMs: by.nowMs,
  };
  await tx.db
    .insertInto('block')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenantId', 'kind', 'subject']).doUpdateSet(row))
    .execute();
  await tell(writing, { row, action: 'block.placed' }, by);
  return toBlock(ctx, row);
}

function lastingOf({ lasts }: BlockDraft, past: Row | undefined, nowMs: number): Pick<Row, 'level' | 'untilMs'> {
  if ('ms' in lasts) return { level: past?.level ?? 1, untilMs: nowMs + lasts.ms };
  const level = nextLevel(past, nowMs, lasts.forgetAfterMs);
  return { level, untilMs: nowMs + blockMs(level, lasts.stepsMs) };
}

/** @throws Error when the actor is of another tenant: a missing check of the caller */
function nameOf(
  { vault }: StoreContext,
  subject: BlockSubject,
  actor: Actor,
): Pick<Row, 'tenantId' | 'kind' | 'subject'> {
  const { kind } = subject;
  if (kind === 'address') {
    assertPlatform(actor);
    return { tenantId: SYSTEM_TENANT, kind, subject: vault.blindIndex(subject.address, ADDRESS) };
  }
  if (subject.tenantId !== actor.tenantId) throw new Error(`${subjectKey(subject)} is not of the actor's tenant`);
  return { tenantId: subject.tenantId, kind, subject: subject.id };
}

function sealedAddress({ vault }: StoreContext, subject: BlockSubject, rowId: string): Uint8Array | null {
  return subject.kind === 'address' ? vault.seal(Buffer.from(subject.address), { ...ADDRESS, rowId }) : null;
}

async function lift(
  writing: Writing,
  { id, scope }: { readonly id: string; readonly scope: BlockScope },
  by: Change,
): Promise<StoredBlock | undefined> {
  if (scope === 'addresses') assertPlatform(by.actor);
  const tenantId = scope === 'addresses' ? SYSTEM_TENANT : by.actor.tenantId;
  const row = await writing.tx.db
    .deleteFrom('block')
    .where('tenantId', '=', tenantId)
    .where('kind', 'in', KINDS[scope])
    .where('id', '=', id)
    .where('untilMs', '>', by.nowMs)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await tell(writing, { row, action: 'block.lifted' }, by);
  return toBlock(writing.ctx, row);
}

/** Addresses are in no entry: the block's id stands for them (T22). */
async function tell(writing: Writing, { row, action }: { row: Row; action: string }, by: Change): Promise<void> {
  const { id, kind, tenantId, level, cause, untilMs } = row;
  const subject = kind === 'address' ? null : row.subject;
  const facts = { kind, subject, level, cause, untilMs };
  await record(writing, { ...traceOf(by), tenantId }, { action, subject: id, facts });
  const event = { kind: 'block.changed', tenantId, subject: id, atMs: by.nowMs } as const;
  await writing.ctx.events.append(writing.tx, event);
}

function blocksIn({ database }: StoreContext, reach: Reach) {
  return database.reader(reach).selectFrom('block').selectAll();
}

async function page(
  ctx: StoreContext,
  query: ReturnType<typeof blocksIn>,
  { limit, cursor }: PageRequest,
): Promise<Page<StoredBlock>> {
  const after = parseTimeCursor(cursor);
  const rest =
    after === undefined
      ? query
      : query.where(({ or, and, eb }) =>
          or([eb('createdAtMs', '<', after.atMs), and([eb('createdAtMs', '=', after.atMs), eb('id', '<', after.id)])]),
        );
  const rows = await rest
    .orderBy('createdAtMs', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, {
    item: (row) => toBlock(ctx, row),
    cursor: (row) => timeCursor(row.createdAtMs, row.id),
  });
}

function toBlock(ctx: StoreContext, row: Row): StoredBlock {
  const { id, tenantId, level, cause, requestId, madeBy, createdAtMs, untilMs } = row;
  return {
    id,
    tenantId,
    subject: subjectOf(ctx, row),
    level,
    cause,
    requestId: requestId ?? undefined,
    madeBy,
    createdAtMs,
    untilMs,
  };
}

function subjectOf({ vault }: StoreContext, { id, kind, tenantId, subject, sealedAddress: sealed }: Row): BlockSubject {
  if (kind === 'key' || kind === 'user') return { kind, tenantId, id: subject };
  if (sealed === null) throw new Error('the address of a block in force is erased');
  return { kind: 'address', address: Buffer.from(vault.open(sealed, { ...ADDRESS, rowId: id })).toString() };
}
