import type { Schema } from './schema.ts';

/** What a role may do with a table's rows. */
export type Verb = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** Who may do what with a table (SS9). What stands nowhere is allowed to nobody but the owner. */
export interface TableAccess<Columns> {
  /** The application role, which the running gate has. */
  readonly application: readonly Verb[];
  /** Columns that the read-only role sees: neither keys nor digests nor anything sealed. */
  readonly visible: readonly (keyof Columns & string)[];
  /** Whether rows belong to a tenant, to which row-level security holds every statement. */
  readonly hasTenant: Columns extends { tenantId: string } ? true : false;
}

const KEEP: readonly Verb[] = ['SELECT', 'INSERT'];
const CHANGE: readonly Verb[] = ['SELECT', 'INSERT', 'UPDATE'];
const ALL: readonly Verb[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
const FORGET: readonly Verb[] = ['SELECT', 'INSERT', 'DELETE'];

/** The whole of it. A table that is missing here does not compile. */
export const ACCESS: { readonly [Table in keyof Schema]: TableAccess<Schema[Table]> } = {
  meta: { application: CHANGE, visible: ['key', 'value'], hasTenant: false },
  sequence: { application: CHANGE, visible: ['name', 'value'], hasTenant: false },
  tenant: { application: KEEP, visible: ['id', 'createdAtMs'], hasTenant: false },
  user: { application: CHANGE, visible: ['id', 'createdAtMs', 'disabledAtMs', 'erasedAtMs'], hasTenant: false },
  subjectKey: { application: FORGET, visible: ['subjectId'], hasTenant: false },
  membership: {
    application: ALL,
    visible: ['tenantId', 'userId', 'role', 'createdAtMs', 'disabledAtMs'],
    hasTenant: true,
  },
  invite: {
    application: CHANGE,
    visible: [
      'tenantId',
      'id',
      'kind',
      'role',
      'prefix',
      'userId',
      'issuedBy',
      'usesLeft',
      'usesMax',
      'createdAtMs',
      'expiresAtMs',
      'revokedAtMs',
    ],
    hasTenant: true,
  },
  session: {
    application: ALL,
    visible: [
      'tenantId',
      'id',
      'userId',
      'role',
      'createdAtMs',
      'lastSeenAtMs',
      'expiresAtMs',
      'endedAtMs',
      'endReason',
      'audience',
    ],
    hasTenant: true,
  },
  refreshToken: {
    application: ALL,
    visible: ['tenantId', 'sessionId', 'createdAtMs', 'rotatedAtMs'],
    hasTenant: true,
  },
  signingKey: {
    application: ALL,
    visible: ['kid', 'purpose', 'publicKey', 'createdAtMs', 'notAfterMs'],
    hasTenant: false,
  },
  apiKey: {
    application: CHANGE,
    visible: [
      'tenantId',
      'id',
      'userId',
      'isImported',
      'environment',
      'permissions',
      'addresses',
      'rate',
      'createdAtMs',
      'lifeMs',
      'expiresAtMs',
      'rotatedAtMs',
      'revokedAtMs',
      'revokeReason',
      'lastUsedAtMs',
      'remindedAtMs',
    ],
    hasTenant: true,
  },
  apiKeyUsage: {
    application: ALL,
    visible: ['tenantId', 'keyId', 'hourMs', 'route', 'verdict', 'count'],
    hasTenant: true,
  },
  apiKeyDay: { application: ALL, visible: ['tenantId', 'userId', 'dayMs', 'count'], hasTenant: true },
  apiKeyNetwork: {
    application: ALL,
    visible: ['tenantId', 'userId', 'firstSeenAtMs', 'lastSeenAtMs'],
    hasTenant: true,
  },
  block: {
    application: ALL,
    visible: ['tenantId', 'id', 'kind', 'level', 'cause', 'requestId', 'madeBy', 'createdAtMs', 'untilMs'],
    hasTenant: true,
  },
  objectOwner: {
    application: CHANGE,
    visible: ['tenantId', 'upstream', 'resource', 'objectId', 'number', 'ownerId', 'claimedAtMs', 'releasedAtMs'],
    hasTenant: true,
  },
  orphanObject: {
    application: FORGET,
    visible: ['tenantId', 'upstream', 'resource', 'objectId', 'number', 'reason', 'orphanedAtMs'],
    hasTenant: true,
  },
  auditEntry: { application: KEEP, visible: ['seq', 'atMs', 'tenantId', 'requestId', 'entry'], hasTenant: true },
  stateEvent: { application: FORGET, visible: ['seq', 'atMs', 'tenantId', 'kind', 'subject'], hasTenant: true },
  instance: {
    application: ALL,
    visible: ['id', 'name', 'version', 'configDigest', 'startedAtMs', 'seenAtMs', 'seenSeq'],
    hasTenant: false,
  },
};
