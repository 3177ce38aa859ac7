import { KEY_ROLE, PLATFORM_KEY_PERMISSIONS } from '@steadygate/core';
import { type Actor, SYSTEM_TENANT } from './actor.ts';
import { type ApiKey, type ApiKeyDraft, type KeyEndReason, type NamedApiKey, toApiKey } from './api-key.ts';
import { insertKey, revokeKeys, rotateKey, type Rotation } from './api-key-lifecycle.ts';
import { type Change, change, record, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import type { Digest } from './crypto-port.ts';
import { grantMembership } from './memberships.ts';
import { type Page, type PageRequest, parseTimeCursor, timeCursor, toPage } from './page.ts';
import { insertUser, openName } from './users.ts';
import { EVERY_TENANT, type Reach } from './reach.ts';

/** Keys that one call reminds of. */
const REMIND_MAX = 500;

/** API keys and their service accounts. */
export interface ApiKeys {
  /** Makes a service account with its first key. Undefined when id or digest are taken. */
  create(draft: ApiKeyDraft, by: Change): Promise<ApiKey | undefined>;
  /** A key of the actor's tenant. */
  get(actor: Actor, id: string): Promise<NamedApiKey | undefined>;
  /** Keys of the actor's tenant, newest first. */
  list(actor: Actor, page: PageRequest): Promise<Page<NamedApiKey>>;
  /** Gives a usable key of the actor's tenant a successor. `spent`: it has one already. */
  rotate(id: string, to: Rotation, by: Change): Promise<ApiKey | 'not-found' | 'spent'>;
  /** Ends a key of the actor's tenant; false when there is none that is not revoked. */
  revoke(id: string, reason: KeyEndReason, by: Change): Promise<boolean>;
  /** For judging a presented key only: it asks for no access. */
  byId(id: string): Promise<(ApiKey & { readonly digest: string }) | undefined>;
  /** The same for imported keys, which say no id of ours. */
  importedByDigest(digest: Digest): Promise<ApiKey | undefined>;
  /** Marks usable keys made before a time and never reported, with an entry each; returns them, at most 500 a call. */
  remind(at: { readonly madeBeforeMs: number }, by: Change): Promise<readonly ApiKey[]>;
}

/** API keys in the store. */
export function apiKeys(ctx: StoreContext): ApiKeys {
  // For what asks for no access: whose key it is stands in its row.
  const reader = (): ReturnType<StoreContext['database']['reader']> => ctx.database.reader(EVERY_TENANT);
  return {
    create: (draft, by) => change(ctx, EVERY_TENANT, (writing) => create(writing, draft, by)),
    async get(actor, id) {
      const row = await namedQuery(ctx, actor)
        .where('apiKey.tenantId', '=', actor.tenantId)
        .where('apiKey.id', '=', id)
        .executeTakeFirst();
      return row === undefined ? undefined : toNamed(ctx, row);
    },
    list: (actor, page) => list(ctx, actor, page),
    rotate: (id, to, by) => change(ctx, by.actor, (writing) => rotateKey(writing, { id, to }, by)),
    revoke: (id, reason, by) =>
      change(ctx, by.actor, async (writing) => {
        const which = { id, tenantId: by.actor.tenantId };
        return (await revokeKeys(writing, which, { reason, trace: traceOf(by) })) > 0;
      }),
    async byId(id) {
      const row = await reader().selectFrom('apiKey').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : { ...toApiKey(row), digest: row.digest };
    },
    async importedByDigest(digest) {
      const found = reader().selectFrom('apiKey').selectAll().where('digest', '=', digest);
      const row = await found.where('isImported', '=', 1).executeTakeFirst();
      return row === undefined ? undefined : toApiKey(row);
    },
    remind: (at, by) => change(ctx, EVERY_TENANT, (writing) => remind(writing, at, by)),
  };
}

async function create(writing: Writing, draft: ApiKeyDraft, by: Change): Promise<ApiKey | undefined> {
  const { tenantId } = by.actor;
  // Platform work is done by people (T15); services may watch.
  if (tenantId === SYSTEM_TENANT && !draft.permissions.every((one) => PLATFORM_KEY_PERMISSIONS.includes(one))) {
    throw new Error('tenant system has no keys but those that may only watch');
  }
  if (await isTaken(writing, draft)) return undefined;
  const trace = traceOf(by);
  const userId = await insertUser(writing, draft.name, trace);
  await grantMembership(writing, { tenantId, userId, role: KEY_ROLE }, trace);
  const { name: _, ...rest } = draft;
  if (draft.isImported) {
    await writing.ctx.events.append(writing.tx, { kind: 'key.changed', tenantId, subject: draft.id, atMs: by.nowMs });
  }
  return insertKey(writing, { ...rest, tenantId, userId }, trace);
}

/** Ids and digests are unique over all tenants. */
async function isTaken({ tx }: Writing, { id, digest }: ApiKeyDraft): Promise<boolean> {
  const taken = tx.db.selectFrom('apiKey').select('id');
  const row = await taken.where(({ or, eb }) => or([eb('id', '=', id), eb('digest', '=', digest)])).executeTakeFirst();
  return row !== undefined;
}

async function remind(
  writing: Writing,
  { madeBeforeMs }: { readonly madeBeforeMs: number },
  by: Change,
): Promise<readonly ApiKey[]> {
  const { db } = writing.tx;
  const rows = await db
    .selectFrom('apiKey')
    .selectAll()
    .where('remindedAtMs', 'is', null)
    .where('createdAtMs', '<=', madeBeforeMs)
    .where('revokedAtMs', 'is', null)
    .where('rotatedAtMs', 'is', null)
    .where(({ or, eb }) => or([eb('expiresAtMs', 'is', null), eb('expiresAtMs', '>', by.nowMs)]))
    .limit(REMIND_MAX)
    .execute();
  for (const { id, tenantId, createdAtMs } of rows) {
    const mine = db.updateTable('apiKey').where('tenantId', '=', tenantId).where('id', '=', id);
    await mine.set({ remindedAtMs: by.nowMs }).execute();
    const what = { action: 'key.rotation-due', subject: id, facts: { createdAtMs } };
    await record(writing, { ...traceOf(by), tenantId }, what);
  }
  return rows.map(toApiKey);
}

function namedQuery({ database }: StoreContext, reach: Reach) {
  return database
    .reader(reach)
    .selectFrom('apiKey')
    .innerJoin('user', 'user.id', 'apiKey.userId')
    .leftJoin('subjectKey', 'subjectKey.subjectId', 'apiKey.userId')
    .selectAll('apiKey')
    .select(['user.sealedName', 'subjectKey.wrapped']);
}

async function list(ctx: StoreContext, actor: Actor, { limit, cursor }: PageRequest): Promise<Page<NamedApiKey>> {
  const after = parseTimeCursor(cursor);
  let query = namedQuery(ctx, actor).where('apiKey.tenantId', '=', actor.tenantId);
  if (after !== undefined) {
    query = query.where(({ or, and, eb }) =>
      or([
        eb('apiKey.createdAtMs', '<', after.atMs),
        and([eb('apiKey.createdAtMs', '=', after.atMs), eb('apiKey.id', '<', after.id)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('apiKey.createdAtMs', 'desc')
    .orderBy('apiKey.id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, {
    item: (row) => toNamed(ctx, row),
    cursor: (row) => timeCursor(row.createdAtMs, row.id),
  });
}

type NamedRow = Awaited<ReturnType<ReturnType<typeof namedQuery>['executeTakeFirstOrThrow']>>;

function toNamed({ vault }: StoreContext, row: NamedRow): NamedApiKey {
  const { userId, sealedName, wrapped } = row;
  return { ...toApiKey(row), name: openName(vault, { id: userId, sealedName, wrapped }) };
}
