import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { readMeta, writeMeta } from './migrations/migrate.ts';
import { type AccessRoles, accessStatements } from './postgres-policies.ts';
import { CHANGE_ROW } from './postgres-writer.ts';
import { EVERY_TENANT } from './reach.ts';
import type { Schema } from './schema.ts';

/** The audit log is append-only in the database itself: an entry has the number that was just taken, and neither changes nor goes. */
const APPEND_ONLY = [
  `CREATE OR REPLACE FUNCTION "refuseAuditChange"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$`,
  `CREATE OR REPLACE FUNCTION "refuseAuditGap"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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

/** T22: the row of an erased person's key goes from the file soon, not when a fifth of the table is dead. */
const VACUUM_SOON =
  'ALTER TABLE "subjectKey" SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)';

/** The row that changes wait on. */
const CHANGE_ROW_STATEMENT = `INSERT INTO "sequence" ("name", "value") VALUES ('${CHANGE_ROW}', 0) ON CONFLICT DO NOTHING`;

/** Everything that guards the tables, whatever the program asks. */
export function guardStatements(schema: string, roles: AccessRoles | undefined): readonly string[] {
  return [CHANGE_ROW_STATEMENT, VACUUM_SOON, ...APPEND_ONLY, ...accessStatements(schema, roles)];
}

/** Which guards stand: replacing them at each start would make running instances wait. */
export const GUARDS_VERSION = createHash('sha256')
  .update(guardStatements('schema', { application: 'application', readOnly: 'readOnly' }).join())
  .digest('base64url');

/** Puts the guards in place, unless they are. Roles that `db prepare` made keep what is theirs. */
export async function guardTables(database: Pick<Database, 'reader' | 'exclusive'>, schema: string): Promise<void> {
  if ((await readMeta(database.reader(EVERY_TENANT), 'guards')) === GUARDS_VERSION) return;
  await database.exclusive(async (db) => {
    const roles = await readMeta(db, 'roles');
    // Written by `db prepare` only.
    await guard(db, schema, roles === undefined ? undefined : (JSON.parse(roles) as AccessRoles));
  });
}

async function guard(db: Kysely<Schema>, schema: string, roles: AccessRoles | undefined): Promise<void> {
  for (const statement of guardStatements(schema, roles)) await sql.raw(statement).execute(db);
  await writeMeta(db, 'guards', GUARDS_VERSION);
}
