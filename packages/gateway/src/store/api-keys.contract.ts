import { describe, expect, it } from 'vitest';
import { digestOf } from '../crypto/digest.ts';
import { systemRandom } from '../crypto/random.ts';
import { keyState } from './api-key.ts';
import type { StateEvent } from './events.ts';
import type { Store } from './store.ts';
import { accessOf, auditOf, byGate, byUser, HOUR, NOW } from './temporary-store.contract.ts';

const DAY = 24 * HOUR;

function draft(changes: { lifeMs?: number; isImported?: boolean; text?: string } = {}) {
  const { lifeMs, isImported = false, text = systemRandom.id() } = changes;
  return {
    id: systemRandom.id(),
    digest: digestOf(text),
    name: 'billing service',
    isImported,
    environment: 'live',
    permissions: ['orders:read'],
    addresses: ['10.0.0.0/8'],
    rate: '20/s',
    lifeMs,
  } as const;
}

async function make(store: Store, changes: Parameters<typeof draft>[0] = {}, by = byGate()) {
  const key = await store.apiKeys.create(draft(changes), by);
  if (key === undefined) throw new Error('the key was refused');
  return key;
}

const successor = (overlapMs: number) => ({ id: systemRandom.id(), digest: digestOf(systemRandom.id()), overlapMs });

/** API keys and what they did. */
export function apiKeyContract(makeStore: () => Promise<Store>): void {
  describe('API keys', () => {
    it('are found by their id, with the digest alone, and belong to a service account', async () => {
      const store = await makeStore();
      const order = draft({ lifeMs: DAY });
      const key = await store.apiKeys.create(order, byGate());
      expect(key).toMatchObject({ permissions: ['orders:read'], addresses: ['10.0.0.0/8'], expiresAtMs: NOW + DAY });
      expect(await store.apiKeys.byId(order.id)).toMatchObject({ digest: order.digest, tenantId: 'default' });
      expect(await store.users.get(accessOf('x'), key?.userId ?? '')).toMatchObject({ role: 'key', name: order.name });
      expect(await store.apiKeys.create(order, byGate())).toBeUndefined();
      expect(await store.apiKeys.byId('missing')).toBeUndefined();
    });

    it('T15: are nothing that tenant system has', async () => {
      const store = await makeStore();
      await expect(make(store, {}, byGate('system'))).rejects.toThrow('no keys');
    });

    it('T15: of tenant system may watch, and hold nothing beside it', async () => {
      const store = await makeStore();
      const watching = { ...draft(), permissions: ['metrics:read'] };
      expect(await store.apiKeys.create(watching, byGate('system'))).toMatchObject({ tenantId: 'system' });
      for (const permissions of [['*'], ['metrics:*'], ['metrics:read', 'config:read']]) {
        const more = { ...draft(), permissions };
        await expect(store.apiKeys.create(more, byGate('system'))).rejects.toThrow('no keys');
      }
    });

    it('of another tenant are not read, rotated or revoked', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { id } = await make(store);
      const stranger = byUser('u', { tenantId: 'acme' });
      expect(await store.apiKeys.get(stranger.actor, id)).toBeUndefined();
      expect((await store.apiKeys.list(stranger.actor, { limit: 10 })).items).toEqual([]);
      expect(await store.apiKeys.rotate(id, successor(0), stranger)).toBe('not-found');
      expect(await store.apiKeys.revoke(id, 'revoked', stranger)).toBe(false);
      expect(keyState(await named(store, id), NOW)).toBe('active');
    });

    it('are listed in pages without loss or repetition', async () => {
      const store = await makeStore();
      for (let count = 0; count < 7; count += 1) await make(store, {}, byGate('default', NOW + (count % 3)));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.apiKeys.list(accessOf('x'), { limit: 3, cursor });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(7);
      expect(seen).toHaveLength(7);
    });

    it('imported ones are found by their digest, others are not', async () => {
      const store = await makeStore();
      const theirs = await make(store, { isImported: true, text: 'theirs' });
      await make(store, { text: 'ours' });
      expect(await store.apiKeys.importedByDigest(digestOf('theirs'))).toMatchObject({ id: theirs.id });
      expect(await store.apiKeys.importedByDigest(digestOf('ours'))).toBeUndefined();
    });

    it.each([
      ['no end, an hour of overlap', undefined, HOUR, NOW + HOUR],
      ['a later end', 2 * HOUR, HOUR, NOW + HOUR],
      ['an earlier end', HOUR, DAY, NOW + HOUR],
    ])('rotated ones never outlive their own end: %s', async (_, lifeMs, overlapMs, endMs) => {
      const store = await makeStore();
      const old = await make(store, lifeMs === undefined ? {} : { lifeMs });
      const to = successor(overlapMs);
      const next = await store.apiKeys.rotate(old.id, to, byGate());
      expect(next).toMatchObject({ id: to.id, userId: old.userId, permissions: old.permissions, rate: old.rate });
      expect(await named(store, old.id)).toMatchObject({ expiresAtMs: endMs });
      expect(keyState(await named(store, old.id), endMs - 1)).toBe('rotated');
      expect(keyState(await named(store, old.id), endMs)).toBe('expired');
      expect(await store.apiKeys.rotate(old.id, successor(0), byGate())).toBe('spent');
      expect(await store.apiKeys.rotate(old.id, successor(0), byGate('default', endMs))).toBe('not-found');
    });

    it('tell everybody of their end at once, with an entry each', async () => {
      const store = await makeStore();
      const heard: StateEvent[] = [];
      store.events.subscribe((event) => void heard.push(event));
      const [first, second] = [await make(store), await make(store)];
      await store.apiKeys.rotate(first.id, successor(0), byGate());
      await store.apiKeys.revoke(second.id, 'leaked', byGate());
      expect(await store.apiKeys.revoke(second.id, 'revoked', byGate())).toBe(false);
      const ended = heard.filter(({ kind }) => kind === 'key.ended').map(({ subject }) => subject);
      expect(ended).toEqual([first.id, second.id]);
      const actions = (await auditOf(store)).map(({ action }) => action);
      expect(actions.filter((action) => action.startsWith('key.'))).toEqual([
        'key.created',
        'key.created',
        'key.revoked',
        'key.created',
        'key.rotated',
        'key.revoked',
      ]);
    });

    it('end with their service account', async () => {
      const store = await makeStore();
      const { id, userId } = await make(store);
      await store.users.disable(userId, byUser('admin'));
      expect(await named(store, id)).toMatchObject({ revokedAtMs: NOW, revokeReason: 'user-disabled' });
    });

    it('WK17: are reminded of once, unless they are over or have a successor', async () => {
      const store = await makeStore();
      const due = await make(store);
      await make(store, { lifeMs: HOUR });
      const revoked = await make(store);
      await store.apiKeys.revoke(revoked.id, 'revoked', byGate());
      const rotated = await make(store);
      await store.apiKeys.rotate(rotated.id, successor(200 * DAY), byGate('default', NOW + 80 * DAY));
      const at = byGate('system', NOW + 90 * DAY);
      const found = await store.apiKeys.remind({ madeBeforeMs: NOW }, at);
      expect(found.map(({ id }) => id)).toEqual([due.id]);
      expect(await store.apiKeys.remind({ madeBeforeMs: NOW }, at)).toEqual([]);
      expect((await auditOf(store)).filter(({ action }) => action === 'key.rotation-due')).toHaveLength(1);
    });

    it('T22: keep no name outside their account', async () => {
      const store = await makeStore();
      const { id, userId } = await make(store);
      expect(await named(store, id)).toMatchObject({ name: 'billing service' });
      await store.users.erase(userId, byGate('system'));
      expect((await named(store, id)).name).toBeUndefined();
    });
  });

  describe('the usage of keys', () => {
    it('is counted by hour, route and verdict, and belongs to its tenant', async () => {
      const store = await makeStore();
      const { id } = await make(store);
      const use = { tenantId: 'default', keyId: id, route: '/v1/**', verdict: 'allow', atMs: NOW };
      for (const atMs of [NOW, NOW + 1, NOW + HOUR]) store.keyUsage.note({ ...use, atMs });
      await store.keyUsage.flush();
      store.keyUsage.note(use);
      store.keyUsage.note({ ...use, verdict: 'rate-limited' });
      await store.keyUsage.flush();
      const period = { fromMs: NOW, beforeMs: NOW + 2 * HOUR };
      const rows = await store.keyUsage.of(accessOf('x'), id, period);
      const firstHour = Math.min(...rows.map(({ hourMs }) => hourMs));
      expect(rows.map(({ hourMs, verdict, count }) => [(hourMs - firstHour) / HOUR, verdict, count])).toEqual([
        [1, 'allow', 1],
        [0, 'allow', 3],
        [0, 'rate-limited', 1],
      ]);
      expect(await store.keyUsage.of(accessOf('x', 'acme'), id, period)).toEqual([]);
      // Whichever instance writes last: the latest use counts.
      expect(await named(store, id)).toMatchObject({ lastUsedAtMs: NOW + HOUR });
      await store.keyUsage.prune(NOW + 2 * HOUR);
      expect(await store.keyUsage.of(accessOf('x'), id, period)).toEqual([]);
    });
  });
}

async function named(store: Store, id: string) {
  const key = await store.apiKeys.get(accessOf('x'), id);
  if (key === undefined) throw new Error('there is no such key');
  return key;
}
