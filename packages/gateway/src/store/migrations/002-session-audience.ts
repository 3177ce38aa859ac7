import type { Migration } from './migration.ts';

/** Sessions say which listener they are good for (T1); those begun before are the application's. */
export const sessionAudience: Migration = {
  version: 2,
  async up(db) {
    await db.schema
      .alterTable('session')
      .addColumn('audience', 'text', (column) => column.notNull().defaultTo('session'))
      .execute();
  },
};
