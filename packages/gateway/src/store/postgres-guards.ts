import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { readMeta, writeMeta } from './migrations/migrate.ts';
import { CHANGE_ROW } from './postgres-writer.ts';
import type { Schema } from './schema.ts';

/** The audit log is append-only in the database itself: an entry has the number that was just taken, and neither changes nor goes. */
const APPEND_ONLY = [
  `CREATE OR REPLACE FUNCTION "refuseAuditChange"() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$`,
  `CREATE OR REPLACE FUNCTION "refuseAuditGap"() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW."seq" IS DISTINCT FROM (SELECT "value" FROM "sequence" WHERE "name" = 'audit') THEN
       RAISE EXCEPTION 'the audit log is append-only';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE OR REPLACE TRIGGER "auditEntryNoChange" BEFORE UPDATE OR DELETE ON "auditEntry"
   FOR EACH ROW EXECUTE FUNCTION "refuseAuditChange"()`,
  `CREATE OR REPLACE TRIGGER "auditEntryNoTruncate" BEFORE TRUNCATE ON "auditEntry"
   FOR EACH STATEMENT EXECUTE FUNCTION "refuseAuditChange"()`,
  `CREATE OR REPLACE TRIGGER "auditEntryNoGap" BEFORE INSERT ON "auditEntry"
   FOR EACH ROW EXECUTE FUNCTION "refuseAuditGap"()`,
];

/** Which guards stand: replacing them at each start would make running instances wait. */
const VERSION = createHash('sha256').update(APPEND_ONLY.join()).digest('base64url');

/** Makes the row that changes wait on, and what guards the tables whatever the program asks. */
export async function guardTables(database: Database): Promise<void> {
  if ((await readMeta(database.reader, 'guards')) === VERSION) return;
  await database.exclusive(async (db) => {
    await insertChangeRow(db);
    for (const statement of APPEND_ONLY) await sql.raw(statement).execute(db);
    await writeMeta(db, 'guards', VERSION);
  });
}

async function insertChangeRow(db: Kysely<Schema>): Promise<void> {
  await db
    .insertInto('sequence')
    .values({ name: CHANGE_ROW, value: 0 })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}
