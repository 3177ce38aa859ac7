import type { Migration } from './migration.ts';
import { createTable, type Table } from './table.ts';

const OBJECT = { tenantId: 'text', upstream: 'text', resource: 'text', objectId: 'text' } as const;

const TABLES: Readonly<Record<string, Table>> = {
  sequence: { columns: { name: 'text', value: 'bigint' }, key: ['name'] },
  tenant: { columns: { id: 'text', createdAtMs: 'bigint' }, key: ['id'] },
  user: {
    columns: {
      id: 'text',
      sealedName: 'bytea?',
      createdAtMs: 'bigint',
      disabledAtMs: 'bigint?',
      erasedAtMs: 'bigint?',
    },
    key: ['id'],
  },
  subjectKey: {
    columns: { subjectId: 'text', wrapped: 'bytea' },
    key: ['subjectId'],
    references: { subjectId: 'user.id' },
  },
  membership: {
    columns: { tenantId: 'text', userId: 'text', role: 'text', createdAtMs: 'bigint', disabledAtMs: 'bigint?' },
    key: ['tenantId', 'userId'],
    indexes: [['userId']],
    references: { tenantId: 'tenant.id', userId: 'user.id' },
  },
  invite: {
    columns: {
      tenantId: 'text',
      id: 'text',
      kind: 'text',
      role: 'text?',
      prefix: 'text',
      userId: 'text?',
      codeDigest: 'text?',
      linkDigest: 'text',
      usesLeft: 'bigint',
      usesMax: 'bigint',
      createdAtMs: 'bigint',
      expiresAtMs: 'bigint',
      revokedAtMs: 'bigint?',
    },
    key: ['tenantId', 'id'],
    unique: [['codeDigest'], ['linkDigest']],
    indexes: [['userId']],
    references: { tenantId: 'tenant.id', userId: 'user.id' },
  },
  session: {
    columns: {
      tenantId: 'text',
      id: 'text',
      userId: 'text',
      role: 'text',
      createdAtMs: 'bigint',
      lastSeenAtMs: 'bigint',
      expiresAtMs: 'bigint',
      endedAtMs: 'bigint?',
      endReason: 'text?',
    },
    key: ['tenantId', 'id'],
    unique: [['id']],
    indexes: [['userId'], ['endedAtMs']],
    references: { tenantId: 'tenant.id', userId: 'user.id' },
  },
  refreshToken: {
    columns: {
      digest: 'text',
      tenantId: 'text',
      sessionId: 'text',
      createdAtMs: 'bigint',
      rotatedAtMs: 'bigint?',
      successorDigest: 'text?',
      successorSealed: 'bytea?',
    },
    key: ['digest'],
    indexes: [['sessionId'], ['successorDigest']],
    references: { sessionId: 'session.id' },
  },
  signingKey: {
    columns: {
      kid: 'text',
      purpose: 'text',
      publicKey: 'bytea',
      sealedPrivateKey: 'bytea?',
      createdAtMs: 'bigint',
      notAfterMs: 'bigint?',
    },
    key: ['kid'],
  },
  objectOwner: {
    columns: { ...OBJECT, number: 'bigint', ownerId: 'text', claimedAtMs: 'bigint', releasedAtMs: 'bigint?' },
    key: Object.keys(OBJECT),
    unique: [['number']],
    indexes: [['tenantId', 'ownerId']],
  },
  orphanObject: {
    columns: { ...OBJECT, number: 'bigint', reason: 'text', orphanedAtMs: 'bigint' },
    key: Object.keys(OBJECT),
  },
  auditEntry: {
    columns: { seq: 'bigint', atMs: 'bigint', tenantId: 'text', requestId: 'text?', entry: 'text' },
    key: ['seq'],
    indexes: [['tenantId', 'seq'], ['requestId']],
  },
  stateEvent: {
    columns: { seq: 'bigint', atMs: 'bigint', tenantId: 'text', kind: 'text', subject: 'text' },
    key: ['seq'],
  },
};

/** The tables of the first release. */
export const initial: Migration = {
  version: 1,
  async up(db) {
    for (const [name, table] of Object.entries(TABLES)) {
      // A reference needs its target's unique index first: tables stand in that order.
      await createTable(db, name, table);
    }
  },
};
