import { describe, expect, it } from 'vitest';
import type { Store } from './store.ts';
import { accessOf, auditOf, byGate, byUser, NOW, signIn } from './temporary-store.contract.ts';

const CHAT = { tenantId: 'default', upstream: 'app', resource: 'chat', objectId: 'c1' };
const SCOPE = { tenantId: 'default', upstream: 'app', resource: 'chat' };

/** Who owns what. */
export function ownerContract(makeStore: () => Promise<Store>): void {
  const withMembers = async () => {
    const store = await makeStore();
    const [ann, bob] = [(await signIn(store)).session.userId, (await signIn(store)).session.userId];
    const grant = (ownerId: string) => ({
      upstream: 'app',
      resource: 'chat',
      objectId: 'c1',
      ownerId,
      reason: 'moved in',
    });
    return { store, ann, bob, grant };
  };

  describe('owners', () => {
    it('T5: are whoever claimed first, of any number at once', async () => {
      const store = await makeStore();
      const all = await Promise.all(Array.from({ length: 50 }, (_, at) => store.owners.claim(CHAT, `u${at}`, NOW)));
      expect(all.filter((outcome) => outcome === 'claimed')).toHaveLength(1);
      expect(await store.owners.ownerOf(CHAT)).toBe(`u${all.indexOf('claimed')}`);
    });

    it('T5: claim their own again without another entry, and nobody takes over', async () => {
      const store = await makeStore();
      expect(await store.owners.claim(CHAT, 'ann', NOW)).toBe('claimed');
      expect(await store.owners.claim(CHAT, 'ann', NOW)).toBe('claimed');
      expect(await store.owners.claim(CHAT, 'bob', NOW)).toBe('conflict');
      expect(await store.owners.ownerOf(CHAT)).toBe('ann');
      expect((await auditOf(store)).filter(({ action }) => action === 'object.claimed')).toHaveLength(1);
    });

    it('T4: are none where nobody claimed, and looking claims nothing', async () => {
      const store = await makeStore();
      expect(await store.owners.ownerOf(CHAT)).toBeUndefined();
      await store.owners.claim(CHAT, 'ann', NOW);
      // The miss before was not remembered.
      expect(await store.owners.ownerOf(CHAT)).toBe('ann');
      for (const other of [{ tenantId: 'acme' }, { upstream: 'b' }, { resource: 'd' }, { objectId: 'C1' }]) {
        expect(await store.owners.ownerOf({ ...CHAT, ...other })).toBeUndefined();
      }
    });

    it('T5: leave a tombstone that nobody claims', async () => {
      const store = await makeStore();
      await store.owners.claim(CHAT, 'ann', NOW);
      await store.owners.release(CHAT, 'bob', NOW);
      expect(await store.owners.ownerOf(CHAT)).toBe('ann');
      await store.owners.release(CHAT, 'ann', NOW);
      expect(await store.owners.ownerOf(CHAT)).toBeUndefined();
      expect(await store.owners.claim(CHAT, 'ann', NOW)).toBe('conflict');
      expect(await store.owners.claim(CHAT, 'bob', NOW)).toBe('conflict');
    });

    it('filter lists of any length', async () => {
      const store = await makeStore();
      const ids = Array.from({ length: 1201 }, (_, at) => `c${at}`);
      for (const [at, objectId] of ids.entries()) {
        if (at % 100 === 0) await store.owners.claim({ ...CHAT, objectId }, at % 200 === 0 ? 'ann' : 'bob', NOW);
      }
      const owned = await store.owners.ownedOf({ ...SCOPE, ownerId: 'ann' }, ids);
      expect([...owned]).toEqual(['c0', 'c200', 'c400', 'c600', 'c800', 'c1000', 'c1200']);
      expect((await store.owners.ownedOf({ ...SCOPE, ownerId: 'ann' }, [])).size).toBe(0);
    });

    it('T4: are never those of an orphan, until an operator says whose it is', async () => {
      const { store, ann, grant } = await withMembers();
      await store.owners.orphan(CHAT, 'claim failed', NOW);
      await store.owners.orphan(CHAT, 'again', NOW);
      expect(await store.owners.claim(CHAT, ann, NOW)).toBe('conflict');
      expect((await store.owners.orphans(accessOf('x'), { limit: 9 })).items).toMatchObject([
        { objectId: 'c1', reason: 'claim failed' },
      ]);
      expect(await store.owners.importObject(grant(ann), byUser('admin'))).toBe('imported');
      expect((await store.owners.orphans(accessOf('x'), { limit: 9 })).items).toEqual([]);
      expect(await store.owners.ownerOf(CHAT)).toBe(ann);
    });

    it('T5: stay when somebody else is imported; a tombstone gives way to an operator', async () => {
      const { store, ann, bob, grant } = await withMembers();
      await store.owners.claim(CHAT, ann, NOW);
      expect(await store.owners.importObject(grant(bob), byUser('admin'))).toBe('conflict');
      expect(await store.owners.ownerOf(CHAT)).toBe(ann);
      await store.owners.release(CHAT, ann, NOW);
      expect(await store.owners.importObject(grant('nobody'), byUser('admin'))).toBe('owner-unknown');
      expect(await store.owners.importObject(grant(bob), byUser('admin'))).toBe('imported');
      expect(await store.owners.ownerOf(CHAT)).toBe(bob);
    });

    it('T10: change hands by a reasoned, audited transfer, at once', async () => {
      const { store, ann, bob, grant } = await withMembers();
      expect(await store.owners.transfer(grant(bob), byUser('admin'))).toBe('not-owned');
      await store.owners.claim(CHAT, ann, NOW);
      expect(await store.owners.ownerOf(CHAT)).toBe(ann);
      expect(await store.owners.transfer(grant(bob), byUser('admin', { tenantId: 'acme' }))).toBe('owner-unknown');
      expect(await store.owners.transfer(grant(bob), byUser('admin'))).toBe('transferred');
      expect(await store.owners.ownerOf(CHAT)).toBe(bob);
      const last = (await auditOf(store)).at(-1);
      expect(last).toMatchObject({
        action: 'object.transferred',
        actor: 'user:admin',
        facts: { owner: bob, reason: 'moved in' },
      });
    });

    it('are listed by tenant and owner, in pages', async () => {
      const store = await makeStore();
      for (let at = 0; at < 5; at += 1)
        await store.owners.claim({ ...CHAT, objectId: `c${at}` }, at % 2 === 0 ? 'ann' : 'bob', NOW);
      const first = await store.owners.list(byGate().actor, { limit: 2, ownerId: 'ann' });
      const second = await store.owners.list(byGate().actor, {
        limit: 2,
        ownerId: 'ann',
        cursor: first.nextCursor ?? '',
      });
      expect([...first.items, ...second.items].map(({ objectId }) => objectId)).toEqual(['c4', 'c2', 'c0']);
      expect(second.nextCursor).toBeNull();
      expect((await store.owners.list(accessOf('x', 'acme'), { limit: 9 })).items).toEqual([]);
    });
  });
}
