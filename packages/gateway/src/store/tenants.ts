import { type Actor, assertPlatform, DEFAULT_TENANT, type SystemActor, SYSTEM_TENANT } from './actor.ts';
import { type Change, change, record, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import { EVERY_TENANT } from './reach.ts';

/** An isolation boundary. */
export interface Tenant {
  readonly id: string;
  readonly createdAtMs: number;
}

/** The tenants of this installation. Platform only (T15). */
export interface Tenants {
  /** Makes sure that `default` and `system` exist. */
  ensureBuiltIn(actor: SystemActor, nowMs: number): Promise<void>;
  /** False when the id is taken. */
  create(tenantId: string, by: Change): Promise<boolean>;
  list(actor: Actor): Promise<readonly Tenant[]>;
}

/** Tenants in the store. */
export function tenants(ctx: StoreContext): Tenants {
  return {
    async ensureBuiltIn(actor, nowMs) {
      for (const id of [DEFAULT_TENANT, SYSTEM_TENANT]) {
        await change(ctx, EVERY_TENANT, (writing) => insert(writing, id, { actor, nowMs }));
      }
    },
    async create(tenantId, by) {
      assertPlatform(by.actor);
      return change(ctx, EVERY_TENANT, (writing) => insert(writing, tenantId, by));
    },
    async list(actor) {
      assertPlatform(actor);
      return ctx.database.reader(EVERY_TENANT).selectFrom('tenant').selectAll().orderBy('id').execute();
    },
  };
}

async function insert(writing: Writing, id: string, by: Change): Promise<boolean> {
  const inserted = await writing.tx.db
    .insertInto('tenant')
    .values({ id, createdAtMs: by.nowMs })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return false;
  await record(writing, { ...traceOf(by), tenantId: SYSTEM_TENANT }, { action: 'tenant.created', subject: id });
  await writing.ctx.events.append(writing.tx, { kind: 'tenant.created', tenantId: id, subject: id, atMs: by.nowMs });
  return true;
}
