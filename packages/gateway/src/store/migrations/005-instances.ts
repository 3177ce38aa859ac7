import type { Migration } from './migration.ts';
import { createTable } from './table.ts';

/** Which processes serve from the store, and how far each has read the state events. */
export const instances: Migration = {
  version: 5,
  async up(db) {
    await createTable(db, 'instance', {
      columns: {
        id: 'text',
        name: 'text',
        version: 'text',
        configDigest: 'text',
        startedAtMs: 'bigint',
        seenAtMs: 'bigint',
        seenSeq: 'bigint',
      },
      key: ['id'],
    });
  },
};
