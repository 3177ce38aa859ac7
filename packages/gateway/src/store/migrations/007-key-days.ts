import type { Migration } from './migration.ts';
import { createTable, type Table } from './table.ts';

const DAYS: Table = {
  columns: { tenantId: 'text', userId: 'text', dayMs: 'bigint', count: 'bigint' },
  key: ['tenantId', 'userId', 'dayMs'],
  indexes: [['dayMs']],
  references: { tenantId: 'tenant.id' },
};

const NETWORKS: Table = {
  columns: { tenantId: 'text', userId: 'text', network: 'text', firstSeenAtMs: 'bigint', lastSeenAtMs: 'bigint' },
  key: ['tenantId', 'userId', 'network'],
  indexes: [['lastSeenAtMs']],
  references: { tenantId: 'tenant.id' },
};

/** How often keys asked within a day, and from which networks. */
export const keyDays: Migration = {
  version: 7,
  async up(db) {
    await createTable(db, 'apiKeyDay', DAYS);
    await createTable(db, 'apiKeyNetwork', NETWORKS);
  },
};
