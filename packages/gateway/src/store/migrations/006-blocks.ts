import type { Migration } from './migration.ts';
import { createTable, type Table } from './table.ts';

const BLOCK: Table = {
  columns: {
    tenantId: 'text',
    id: 'text',
    kind: 'text',
    subject: 'text',
    sealedAddress: 'bytea?',
    level: 'bigint',
    cause: 'text',
    requestId: 'text?',
    madeBy: 'text',
    createdAtMs: 'bigint',
    untilMs: 'bigint',
  },
  key: ['tenantId', 'kind', 'subject'],
  unique: [['id']],
  indexes: [['untilMs'], ['tenantId', 'createdAtMs', 'id']],
  references: { tenantId: 'tenant.id' },
};

/** Blocked callers. */
export const blocks: Migration = { version: 6, up: (db) => createTable(db, 'block', BLOCK) };
