import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { authorize, permissionsOf, type TenantAccess } from '@steadygate/core';
import { digestOf } from '../crypto/digest.ts';
import { systemRandom } from '../crypto/random.ts';
import { storeCrypto } from '../crypto/store-crypto.ts';
import { actAsSystem } from './actor.ts';
import type { Change } from './change.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';

/** The moment at which tests begin. */
export const NOW = 1_800_000_000_000;

/** An hour, in milliseconds. */
export const HOUR = 3_600_000;

/** Opens stores whose directories go with the test; on SQLite, unless another database is made for each. */
export function temporaryStores(databaseOf: (dir: string) => Promise<StoreOptions['database']> = inDirectory) {
  const opened: Store[] = [];
  const dirs: string[] = [];
  const kek = createSecretKey(randomBytes(32));

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close(NOW);
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  const dataDir = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'store-'));
    dirs.push(dir);
    return join(dir, 'data');
  };

  return {
    kek,
    dataDir,
    async open(dir: string = dataDir(), key: KeyObject = kek, on?: StoreOptions['database']): Promise<Store> {
      const onListenerError = (cause: unknown): never => {
        throw new Error('a subscriber failed', { cause });
      };
      const store = await openStore({
        dataDir: dir,
        database: on ?? (await databaseOf(dir)),
        crypto: storeCrypto(key, systemRandom),
        nowMs: NOW,
        onListenerError,
      });
      opened.push(store);
      return store;
    },
  };
}

function inDirectory(): Promise<StoreOptions['database']> {
  return Promise.resolve({ kind: 'sqlite' });
}

/** A change by the gate itself. */
export function byGate(tenantId = 'default', nowMs = NOW): Change {
  return { actor: actAsSystem('gate', tenantId), nowMs };
}

/** A change by a principal of a tenant, who is no platform. */
export function byUser(userId: string, { tenantId = 'default', sessionId = 's', nowMs = NOW } = {}) {
  return { actor: accessOf(userId, tenantId, sessionId), nowMs, requestId: 'req-1' };
}

/** What `authorize()` gives an administrator of a tenant. */
export function accessOf(userId: string, tenantId = 'default', sessionId = 's'): TenantAccess {
  const access = authorize(
    {
      userId,
      tenantId,
      role: 'admin',
      permissions: permissionsOf(['*'], tenantId),
      credential: { kind: 'session', id: sessionId, via: 'cookie', expiresAtMs: NOW + HOUR },
    },
    'app:write',
  );
  if (access === undefined) throw new Error('an administrator may write');
  return access;
}

/** Issues an invite and gives its digests. */
export async function issueInvite(
  store: Store,
  options: { uses?: number; userId?: string; tenantId?: string; role?: string; life?: number; by?: Change } = {},
) {
  const { uses = 1, userId, tenantId = 'default', role = 'viewer', life = HOUR, by = byGate(tenantId) } = options;
  const [codeDigest, linkDigest] = [digestOf(systemRandom.id()), digestOf(systemRandom.id())];
  const draft = { role, prefix: 'SB-VIEW-', uses, userId, expiresAtMs: NOW + life, codeDigest, linkDigest };
  const invite = await store.invites.create(draft, by);
  if (invite === undefined) throw new Error('the invite was refused');
  return { invite, codeDigest, linkDigest };
}

/** Signs a new user in. */
export async function signIn(store: Store, options: Parameters<typeof issueInvite>[1] & { name?: string } = {}) {
  const { codeDigest } = await issueInvite(store, options);
  const started = await store.invites.redeem({
    digest: codeDigest,
    kind: 'invite',
    name: options.name,
    sessionEndsAtMs: NOW + 24 * HOUR,
    nowMs: NOW,
    requestId: 'req-1',
  });
  if (started === undefined) throw new Error('the invite was not redeemed');
  return started;
}

/** All entries of the log, in order. */
export async function auditOf(
  store: Store,
): Promise<
  { seq: number; action: string; actor: string; tenant: string; nonce: string; facts: Record<string, unknown> }[]
> {
  const rows = await store.audit.after(actAsSystem('gate', 'system'), 0, 10_000);
  return rows.map(({ seq, entry }) => ({ ...JSON.parse(entry), seq }));
}
