import { createTable, type Table } from './table.ts';
import type { Migration } from './migration.ts';

const TABLES: Readonly<Record<string, Table>> = {
  apiKey: {
    columns: {
      tenantId: 'text',
      id: 'text',
      userId: 'text',
      digest: 'text',
      isImported: 'bigint',
      environment: 'text',
      permissions: 'text',
      addresses: 'text',
      rate: 'text?',
      createdAtMs: 'bigint',
      lifeMs: 'bigint?',
      expiresAtMs: 'bigint?',
      rotatedAtMs: 'bigint?',
      revokedAtMs: 'bigint?',
      revokeReason: 'text?',
      lastUsedAtMs: 'bigint?',
      remindedAtMs: 'bigint?',
    },
    key: ['tenantId', 'id'],
    unique: [['id'], ['digest']],
    indexes: [['tenantId', 'createdAtMs', 'id'], ['userId'], ['remindedAtMs', 'createdAtMs']],
    references: { tenantId: 'tenant.id', userId: 'user.id' },
  },
  apiKeyUsage: {
    columns: { tenantId: 'text', keyId: 'text', hourMs: 'bigint', route: 'text', verdict: 'text', count: 'bigint' },
    key: ['tenantId', 'keyId', 'hourMs', 'route', 'verdict'],
    indexes: [['hourMs']],
    references: { tenantId: 'tenant.id' },
  },
};

/** API keys of service accounts, and how much each was used. */
export const apiKeys: Migration = {
  version: 4,
  async up(db) {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, name, table);
  },
};
