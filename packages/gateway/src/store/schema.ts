/*
 * What is kept. Portable: text ids, integers for times (epoch milliseconds), bytes for sealed values.
 * Plain columns hold random ids and digests only (T22).
 */

/** All tables. */
export interface Schema {
  meta: MetaTable;
  sequence: SequenceTable;
  tenant: TenantTable;
  user: UserTable;
  subjectKey: SubjectKeyTable;
  membership: MembershipTable;
  invite: InviteTable;
  session: SessionTable;
  refreshToken: RefreshTokenTable;
  signingKey: SigningKeyTable;
  apiKey: ApiKeyTable;
  apiKeyUsage: ApiKeyUsageTable;
  apiKeyDay: ApiKeyDayTable;
  apiKeyNetwork: ApiKeyNetworkTable;
  block: BlockTable;
  objectOwner: ObjectOwnerTable;
  orphanObject: OrphanObjectTable;
  auditEntry: AuditEntryTable;
  stateEvent: StateEventTable;
  instance: InstanceTable;
}

/** Facts about the store itself: `schemaVersion`, `dataKey` (wrapped). */
export interface MetaTable {
  key: string;
  value: string;
}

/** Gapless numbers: a row of its own, because dialects' sequences leave gaps when a transaction rolls back. */
export interface SequenceTable {
  name: string;
  value: number;
}

export interface TenantTable {
  id: string;
  createdAtMs: number;
}

export interface UserTable {
  id: string;
  /** Sealed under the subject's own key. */
  sealedName: Uint8Array | null;
  createdAtMs: number;
  disabledAtMs: number | null;
  erasedAtMs: number | null;
}

export interface SubjectKeyTable {
  subjectId: string;
  wrapped: Uint8Array;
}

export interface MembershipTable {
  tenantId: string;
  userId: string;
  role: string;
  createdAtMs: number;
  disabledAtMs: number | null;
}

/** An invite or a one-time log-in link. */
export interface InviteTable {
  tenantId: string;
  id: string;
  kind: 'invite' | 'login-link';
  /** Null for a log-in link: the membership says it. */
  role: string | null;
  prefix: string;
  userId: string | null;
  /** The user who issued it; null: the operator, or unknown. */
  issuedBy: string | null;
  codeDigest: string | null;
  linkDigest: string;
  usesLeft: number;
  usesMax: number;
  createdAtMs: number;
  expiresAtMs: number;
  revokedAtMs: number | null;
}

/** A session is also the family of its refresh tokens. */
export interface SessionTable {
  tenantId: string;
  id: string;
  userId: string;
  role: string;
  createdAtMs: number;
  lastSeenAtMs: number;
  expiresAtMs: number;
  endedAtMs: number | null;
  endReason: string | null;
  /** Which listener it is good for (T1): `session` or `control`. */
  audience: string;
}

export interface RefreshTokenTable {
  digest: string;
  tenantId: string;
  sessionId: string;
  createdAtMs: number;
  /** Null on the current token of the family. */
  rotatedAtMs: number | null;
  successorDigest: string | null;
  /** Null once the grace is over (T19). */
  successorSealed: Uint8Array | null;
}

export interface SigningKeyTable {
  kid: string;
  purpose: string;
  publicKey: Uint8Array;
  /** Null once retired: an old key verifies, it never signs again. */
  sealedPrivateKey: Uint8Array | null;
  createdAtMs: number;
  /** Null on the current key. */
  notAfterMs: number | null;
}

/** An API key of a service account. Its name is the account's. */
export interface ApiKeyTable {
  tenantId: string;
  /** Public; unique over all tenants: keys are found by it. */
  id: string;
  userId: string;
  /** Of the whole key. */
  digest: string;
  /** 1 for keys that another system made. */
  isImported: number;
  environment: string;
  /** A JSON list. */
  permissions: string;
  /** A JSON list of CIDR ranges; empty: anywhere. */
  addresses: string;
  /** Its own limit, such as `20/s`. */
  rate: string | null;
  createdAtMs: number;
  /** How long it was made for: so long its successor holds too. */
  lifeMs: number | null;
  expiresAtMs: number | null;
  /** Set once it has a successor. */
  rotatedAtMs: number | null;
  revokedAtMs: number | null;
  revokeReason: string | null;
  lastUsedAtMs: number | null;
  remindedAtMs: number | null;
}

/** How often a key came to a verdict on a route within an hour. */
export interface ApiKeyUsageTable {
  tenantId: string;
  keyId: string;
  hourMs: number;
  route: string;
  verdict: string;
  count: number;
}

/** How often a service account, or all keys of a tenant (an empty id), asked within a day (UTC). */
export interface ApiKeyDayTable {
  tenantId: string;
  userId: string;
  dayMs: number;
  count: number;
}

/** From which network a service account's keys were used. */
export interface ApiKeyNetworkTable {
  tenantId: string;
  userId: string;
  /** A blind index: the network itself is not kept (T22). */
  network: string;
  firstSeenAtMs: number;
  lastSeenAtMs: number;
}

/** Who is blocked, and what is remembered of it for the next block. Blocks of addresses are tenant `system`'s. */
export interface BlockTable {
  tenantId: string;
  id: string;
  kind: string;
  /** The key's or user's id; of an address, its blind index. */
  subject: string;
  /** Of an address that is blocked now; erased once it is not. */
  sealedAddress: Uint8Array | null;
  level: number;
  cause: string;
  /** Of the last violation. */
  requestId: string | null;
  madeBy: string;
  createdAtMs: number;
  untilMs: number;
}

export interface ObjectOwnerTable {
  tenantId: string;
  upstream: string;
  resource: string;
  objectId: string;
  /** Places the row in lists. */
  number: number;
  ownerId: string;
  claimedAtMs: number;
  /** Set on a tombstone: the object was deleted, its id stays taken (T5). */
  releasedAtMs: number | null;
}

export interface OrphanObjectTable {
  tenantId: string;
  upstream: string;
  resource: string;
  objectId: string;
  number: number;
  reason: string;
  orphanedAtMs: number;
}

export interface AuditEntryTable {
  seq: number;
  atMs: number;
  tenantId: string;
  requestId: string | null;
  /** Canonical JSON: what the log's leaf will hash. */
  entry: string;
}

export interface StateEventTable {
  seq: number;
  atMs: number;
  tenantId: string;
  kind: string;
  subject: string;
}

/** A process that serves from this store. */
export interface InstanceTable {
  id: string;
  /** How operators know it: machine and process. */
  name: string;
  version: string;
  /** Of the configuration in force. */
  configDigest: string;
  startedAtMs: number;
  seenAtMs: number;
  /** The number of the newest event that it has heard and acted on. */
  seenSeq: number;
}
