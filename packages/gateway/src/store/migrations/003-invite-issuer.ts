import type { Migration } from './migration.ts';

/** Invites say who issued them, so that they end with whoever is shut out. Unknown of those made before. */
export const inviteIssuer: Migration = {
  version: 3,
  async up(db) {
    await db.schema.alterTable('invite').addColumn('issuedBy', 'text').execute();
    await db.schema.createIndex('inviteByIssuedBy').on('invite').column('issuedBy').execute();
  },
};
