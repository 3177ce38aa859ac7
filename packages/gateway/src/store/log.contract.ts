import { describe, expect, it } from 'vitest';
import { actAsSystem } from './actor.ts';
import type { Store } from './store.ts';
import { accessOf, auditOf, byGate, byUser, NOW, signIn } from './temporary-store.contract.ts';

const DENIAL = {
  guard: 'path',
  code: 'path-refused',
  route: 'routes[0]',
  tenantId: undefined,
  userId: undefined,
  clientAddress: '203.0.113.7',
  atMs: NOW,
};

/** The audit log, the counted denials, the state events. */
export function logContract(makeStore: () => Promise<Store>): void {
  describe('the audit log', () => {
    it('SB12: has an entry for every change, numbered without gaps, each with a nonce of its own', async () => {
      const store = await makeStore();
      await Promise.all([
        signIn(store),
        signIn(store),
        // Refused ones take no number.
        expect(store.users.erase('u', byUser('x'))).rejects.toThrow('platform'),
        store.sessions.end('nothing', byGate(), 'revoked'),
      ]);
      const entries = await auditOf(store);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
      expect(new Set(entries.map(({ nonce }) => nonce)).size).toBe(entries.length);
      expect(entries.every(({ nonce }) => Buffer.from(nonce, 'base64url').length === 16)).toBe(true);
    });

    it('is read by tenant, newest first, and by request', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      const { items, nextCursor } = await store.audit.list(accessOf('x'), { limit: 2 });
      expect(items[0]).toMatchObject({
        action: 'session.started',
        subject: session.id,
        actor: `user:${session.userId}`,
      });
      const next = await store.audit.list(accessOf('x'), { limit: 100, cursor: nextCursor ?? '' });
      expect(next.items[0]?.seq).toBe((items[1]?.seq ?? 0) - 1);
      const ofRequest = await store.audit.byRequestId(accessOf('x'), 'req-1');
      expect(ofRequest.map(({ action }) => action)).toEqual([
        'user.created',
        'invite.redeemed',
        'membership.granted',
        'session.started',
      ]);
      expect((await store.audit.list(accessOf('x', 'acme'), { limit: 9 })).items).toEqual([]);
      expect(await store.audit.byRequestId(accessOf('x', 'acme'), 'req-1')).toEqual([]);
    });

    it('T22: holds no name', async () => {
      const store = await makeStore();
      await signIn(store, { name: 'Ada Lovelace' });
      expect(JSON.stringify(await auditOf(store))).not.toContain('Lovelace');
    });
  });

  describe('denials', () => {
    const counted = async (store: Store) =>
      (await auditOf(store)).filter(({ action }) => action.startsWith('denials.'));

    it('T12: are counted per guard, route, source and minute; addresses stay out of the log', async () => {
      const store = await makeStore();
      for (let at = 0; at < 1000; at += 1) store.denials.record({ ...DENIAL, atMs: NOW + at });
      store.denials.record({ ...DENIAL, clientAddress: '203.0.113.8' });
      store.denials.record({ ...DENIAL, userId: 'ann', tenantId: 'default' });
      expect(await store.denials.flush(NOW + 59_999)).toBe(0);
      expect(await store.denials.flush(NOW + 60_000)).toBe(3);
      const entries = await counted(store);
      expect(entries.map(({ facts }) => facts['count'])).toEqual([1000, 1, 1]);
      expect(entries[2]).toMatchObject({ tenant: 'default', facts: { source: 'user:ann' } });
      expect(JSON.stringify(entries)).not.toContain('203.0.113');
      expect(await store.denials.flush(NOW + 120_000)).toBe(0);
    });

    it('T12: that find no room are an entry of their own', async () => {
      const store = await makeStore();
      for (let at = 0; at < 600; at += 1) store.denials.record({ ...DENIAL, clientAddress: `address ${at}` });
      expect(await store.denials.flush(NOW, true)).toBe(513);
      expect((await counted(store)).at(-1)).toMatchObject({ action: 'denials.overflowed', facts: { count: 88 } });
      expect(store.denials.overflowed()).toBe(88);
    });
  });

  describe('state events', () => {
    it('T11: are numbered without gaps, and heard in order after the commit', async () => {
      const store = await makeStore();
      const from = (await store.feed.newest())?.seq ?? 0;
      const heard: number[] = [];
      const stop = store.events.subscribe(({ seq }) => void heard.push(seq));
      await Promise.all(Array.from({ length: 20 }, () => signIn(store)));
      const kept = await store.feed.from(from + 1, 1000);
      expect(heard).toEqual(kept.map(({ seq }) => seq));
      expect(heard).toEqual(heard.map((_, at) => from + 1 + at));
      expect((await store.feed.newest())?.seq).toBe(heard.at(-1));
      stop();
      await signIn(store);
      expect(heard).toHaveLength(kept.length);
    });

    it('T11: of another process are told once, those of this one are not told again', async () => {
      const store = await makeStore();
      const from = (await store.feed.newest())?.seq ?? 0;
      const heard: string[] = [];
      store.events.subscribe(({ subject }) => void heard.push(subject));
      await store.tenants.create('one', byGate('system'));
      const own = await store.feed.from(from + 1, 10);
      for (const event of own) await store.feed.hear(event);
      expect(heard).toEqual(['one']);
      for (const event of own) await store.feed.hear({ ...event, subject: 'theirs', mark: 'theirs' });
      expect(heard).toEqual(['one', 'theirs']);
    });

    it('T11: begin with the one that is known, and name it so that it is no other of the same number', async () => {
      const store = await makeStore();
      await store.tenants.create('one', byGate('system'));
      await store.tenants.create('two', byGate('system'));
      const newest = await store.feed.newest();
      const [known, ...later] = await store.feed.from((newest?.seq ?? 0) - 1, 10);
      expect(later).toEqual([newest]);
      expect(known).toMatchObject({ subject: 'one', seq: (newest?.seq ?? 0) - 1 });
      expect(known?.mark).not.toBe(newest?.mark);
    });

    it('T11: are heard when everybody has acted, and say so when somebody failed', async () => {
      const store = await makeStore();
      await store.tenants.create('one', byGate('system'));
      const [event] = await store.feed.from((await store.feed.newest())?.seq ?? 0, 1);
      if (event === undefined) throw new Error('there is an event');
      const acted: string[] = [];
      store.events.subscribe(async () => {
        await Promise.resolve();
        acted.push('event');
      });
      store.events.onResync(async () => {
        await Promise.resolve();
        acted.push('resync');
      });
      await store.feed.hear({ ...event, mark: 'theirs' });
      await store.feed.resync();
      expect([acted, store.feed.takeFailure()]).toEqual([['event', 'resync'], false]);
      store.events.onResync(() => Promise.reject(new Error('not now')));
      // The test's store rethrows what it is told of.
      await expect(store.feed.resync()).rejects.toThrow('a subscriber failed');
      expect([store.feed.takeFailure(), store.feed.takeFailure()]).toEqual([true, false]);
    });

    it('T11: are kept from a number on, however old, and the newest always', async () => {
      const store = await makeStore();
      for (const id of ['one', 'two', 'three']) await store.tenants.create(id, byGate('system', NOW));
      const newest = (await store.feed.newest())?.seq ?? 0;
      await store.events.prune(NOW + 10, newest - 1);
      expect((await store.feed.from(0, 100)).map(({ seq }) => seq)).toEqual([newest - 1, newest]);
      await store.events.prune(NOW + 10, Number.MAX_SAFE_INTEGER);
      expect((await store.feed.newest())?.seq).toBe(newest);
    });

    it('are forgotten from the old end', async () => {
      const store = await makeStore();
      await store.tenants.create('one', byGate('system', NOW));
      await store.tenants.create('two', byGate('system', NOW + 10));
      await store.events.prune(NOW + 10, Number.MAX_SAFE_INTEGER);
      expect((await store.feed.from(0, 100)).map(({ subject }) => subject)).toEqual(['two']);
    });

    it('are not heard of changes that failed', async () => {
      const store = await makeStore();
      const heard: string[] = [];
      store.events.subscribe(({ kind }) => void heard.push(kind));
      const actor = actAsSystem('cli', 'no such tenant');
      await expect(store.users.create({ role: 'viewer' }, { actor, nowMs: NOW })).rejects.toThrow();
      expect(heard).toEqual([]);
    });
  });
}
