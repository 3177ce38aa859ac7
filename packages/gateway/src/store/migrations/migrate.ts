import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { Schema } from '../schema.ts';
import { StoreError } from '../store-error.ts';
import { initial } from './001-initial.ts';
import { sessionAudience } from './002-session-audience.ts';
import { inviteIssuer } from './003-invite-issuer.ts';
import { apiKeys } from './004-api-keys.ts';
import { instances } from './005-instances.ts';
import { blocks } from './006-blocks.ts';
import { keyDays } from './007-key-days.ts';
import type { Migration } from './migration.ts';
import { EVERY_TENANT } from '../reach.ts';

const MIGRATIONS: readonly Migration[] = [initial, sessionAudience, inviteIssuer, apiKeys, instances, blocks, keyDays];

/** The newest schema that this program knows. */
const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the schema up to date, one transaction per step. Of several processes that start at once, one takes each step.
 *
 * @throws StoreError `newer-schema`, and changes nothing
 */
export async function migrate(database: Database): Promise<void> {
  const present = await schemaVersion(database.reader(EVERY_TENANT));
  refuseNewer(present);
  for (const migration of MIGRATIONS.slice(present)) await database.exclusive((db) => takeStep(db, migration));
}

async function takeStep(db: Kysely<Schema>, migration: Migration): Promise<void> {
  const present = await schemaVersion(db);
  refuseNewer(present);
  // Another process was faster.
  if (present < migration.version) await writeStep(db, migration);
}

/** Says everything that brings a schema up to date, however it is kept. */
export async function writeSteps(db: Kysely<Schema>, after: number): Promise<void> {
  for (const migration of MIGRATIONS.slice(after)) await writeStep(db, migration);
}

async function writeStep(db: Kysely<Schema>, migration: Migration): Promise<void> {
  if (migration.version === 1) await createMeta(db);
  // A migration sees no tables in its types: it outlives the schema of its day.
  await migration.up(db as unknown as Kysely<unknown>);
  await writeMeta(db, 'schemaVersion', String(migration.version));
}

/** @throws StoreError `newer-schema`: an older program would misread what a newer one wrote */
export function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new StoreError(
    'newer-schema',
    `The store has schema ${version}; this program knows ${SCHEMA_VERSION}. Start the newer version, or restore a backup.`,
  );
}

/** One fact about the store itself. */
export async function readMeta(db: Kysely<Schema>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

/** Sets one fact about the store itself. */
export async function writeMeta(db: Kysely<Schema>, key: string, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

async function createMeta(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}

async function schemaVersion(db: Kysely<Schema>): Promise<number> {
  const tables = await db.introspection.getTables();
  return tables.some((table) => table.name === 'meta') ? Number((await readMeta(db, 'schemaVersion')) ?? 0) : 0;
}
