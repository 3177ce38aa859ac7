import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Makes the audit log append-only inside the database: whatever the program asks, entries neither change nor go. */
export async function guardAudit(database: Database): Promise<void> {
  await database.exclusive(async (db) => {
    for (const change of ['UPDATE', 'DELETE']) {
      await sql
        .raw(
          `CREATE TRIGGER IF NOT EXISTS "auditEntryNo${change}" BEFORE ${change} ON "auditEntry"
           BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
        )
        .execute(db);
    }
    // REPLACE deletes without firing delete triggers: an existing number is refused before.
    await sql
      .raw(
        `CREATE TRIGGER IF NOT EXISTS "auditEntryNoReplace" BEFORE INSERT ON "auditEntry"
         WHEN EXISTS (SELECT 1 FROM "auditEntry" WHERE "seq" >= NEW."seq")
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
      )
      .execute(db);
  });
}
