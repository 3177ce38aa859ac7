import type { Random } from '@steadygate/core';
import type { Actor, SystemActor } from './actor.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Database, Tx } from './database.ts';
import { type Page, type PageRequest, toPage } from './page.ts';
import { nextNumber } from './sequence.ts';
import { EVERY_TENANT, type Reach } from './reach.ts';

/** The longest entry that fits a log tile's two-byte length (C2SP tlog-tiles). */
const ENTRY_BYTES_MAX = 65_535;

/** What happened. Ids only: no names, no codes, no tokens (T22). */
export interface AuditEntry {
  /** `area.happened`, such as `invite.redeemed`. */
  readonly action: string;
  /** The id of what changed. */
  readonly subject: string;
  /** `user:<id>` or `system:<name>`. */
  readonly actor: `user:${string}` | `system:${string}`;
  readonly tenantId: string;
  readonly atMs: number;
  readonly requestId?: string | undefined;
  readonly facts?: AuditFacts;
}

/** Small plain facts. */
export type AuditFacts = Readonly<Record<string, string | number | boolean | null>>;

/** An entry as it stands in the log. */
export interface AuditRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly action: string;
  readonly subject: string;
  readonly actor: string;
  readonly tenantId: string;
  readonly requestId: string | undefined;
  readonly facts: AuditFacts;
}

/** Reads the audit log. */
export interface Audit {
  /** The entries of the actor's tenant, newest first. */
  list(actor: Actor, page: PageRequest): Promise<Page<AuditRecord>>;
  /** What one request changed in the actor's tenant. */
  byRequestId(actor: Actor, requestId: string): Promise<readonly AuditRecord[]>;
  /** Entries of all tenants after `seq`, oldest first, in the exact bytes that the log hashes. */
  after(
    actor: SystemActor,
    seq: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly entry: string }[]>;
}

/**
 * Appends an entry in the transaction of the change it tells of: both are kept, or neither.
 *
 * Each carries 128 random bits, so that published hashes confirm no guess (T21).
 */
export async function appendAudit(tx: Tx, random: Random, entry: AuditEntry): Promise<void> {
  const { action, subject, actor, tenantId, atMs, requestId } = entry;
  const text = canonicalJson({
    v: 1,
    action,
    subject,
    actor,
    tenant: tenantId,
    atMs,
    nonce: Buffer.from(random.bytes(16)).toString('base64url'),
    facts: entry.facts ?? {},
    ...(requestId === undefined ? {} : { requestId }),
  });
  if (Buffer.byteLength(text) > ENTRY_BYTES_MAX) throw new Error(`an audit entry of ${action} is too long`);
  const seq = await nextNumber(tx, 'audit');
  await tx.db
    .insertInto('auditEntry')
    .values({ seq, atMs, tenantId, requestId: requestId ?? null, entry: text })
    .execute();
}

/** The readers of the log. */
export function auditReader(database: Database): Audit {
  const entries = (reach: Reach) =>
    database.reader(reach).selectFrom('auditEntry').select(['seq', 'requestId', 'entry']);
  return {
    async list(actor, { limit, cursor }) {
      const before = /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : Number.MAX_SAFE_INTEGER;
      const rows = await entries(actor)
        .where('tenantId', '=', actor.tenantId)
        .where('seq', '<', before)
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, { item: toRecord, cursor: (row) => String(row.seq) });
    },
    async byRequestId(actor, requestId) {
      const rows = await entries(actor)
        .where('tenantId', '=', actor.tenantId)
        .where('requestId', '=', requestId)
        .orderBy('seq')
        .limit(100)
        .execute();
      return rows.map(toRecord);
    },
    after: (_actor, seq, limit) =>
      database
        .reader(EVERY_TENANT)
        .selectFrom('auditEntry')
        .select(['seq', 'entry'])
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute(),
  };
}

function toRecord(row: { seq: number; requestId: string | null; entry: string }): AuditRecord {
  // Written by `appendAudit` only, and append-only since.
  const stored = JSON.parse(row.entry) as {
    action: string;
    subject: string;
    actor: string;
    tenant: string;
    atMs: number;
    facts: AuditFacts;
  };
  const { action, subject, actor, tenant, atMs, facts } = stored;
  return { seq: row.seq, atMs, action, subject, actor, tenantId: tenant, requestId: row.requestId ?? undefined, facts };
}
