import { describe, expect, it } from 'vitest';
import type { Store } from './store.ts';
import { accessOf, auditOf, byGate, byUser, HOUR, NOW, signIn } from './temporary-store.contract.ts';

const IDLE = { idleMs: HOUR, forgetBeforeMs: 0 };

/** Sessions, and the signing keys behind them. */
export function sessionContract(makeStore: () => Promise<Store>): void {
  describe('sessions', () => {
    it('AU8: end at once, with their refresh token and an event', async () => {
      const store = await makeStore();
      const { session, refreshToken } = await signIn(store);
      const heard: string[] = [];
      store.events.subscribe(({ kind, subject }) => void heard.push(`${kind} ${subject}`));
      expect(await store.sessions.end(session.id, byUser('admin'), 'revoked')).toBe(true);
      expect(heard).toEqual([`session.ended ${session.id}`]);
      expect(await store.sessions.end(session.id, byUser('admin'), 'revoked')).toBe(false);
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBe(NOW);
      const at = { nowMs: NOW, idleMs: HOUR, graceMs: 10_000 };
      expect(await store.sessions.rotate(refreshToken, at)).toEqual({ kind: 'refused' });
      expect(await store.sessions.resolve(refreshToken, at)).toBeUndefined();
    });

    it('T15: are out of reach for another tenant, and for another user who ends their own', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      expect(await store.sessions.end(session.id, byUser('admin', { tenantId: 'acme' }), 'revoked')).toBe(false);
      expect(await store.sessions.endOwn(session.id, byUser('somebody'), 'logout')).toBe(false);
      expect((await store.sessions.list(accessOf('x', 'acme'), { limit: 9, nowMs: NOW })).items).toEqual([]);
      expect(await store.sessions.endOwn(session.id, byUser(session.userId), 'logout')).toBe(true);
    });

    it('are listed while they live, by user too', async () => {
      const store = await makeStore();
      const [one, two] = [await signIn(store), await signIn(store)];
      const ids = async (request: { userId?: string; nowMs?: number }) => {
        const page = await store.sessions.list(accessOf('x'), { limit: 9, nowMs: NOW, ...request });
        return page.items.map(({ id }) => id).toSorted();
      };
      expect(await ids({})).toEqual([one.session.id, two.session.id].toSorted());
      expect(await ids({ userId: two.session.userId })).toEqual([two.session.id]);
      expect(await ids({ nowMs: NOW + 24 * HOUR })).toEqual([]);
      expect(await store.sessions.endAllOfUser(one.session.userId, byGate())).toBe(1);
      expect(await ids({})).toEqual([two.session.id]);
    });

    it('SB2: expire at their absolute end, or idle, and not while they are used', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      store.sessions.touch(session.id, NOW + HOUR);
      expect((await store.sessions.byId(session.id))?.lastSeenAtMs).toBe(NOW + HOUR);
      expect(await store.sessions.expire({ ...IDLE, nowMs: NOW + 2 * HOUR - 1 })).toBe(0);
      expect(await store.sessions.expire({ ...IDLE, nowMs: NOW + 2 * HOUR })).toBe(1);
      expect((await auditOf(store)).at(-1)).toMatchObject({ action: 'session.ended', facts: { reason: 'expired' } });
      const other = await signIn(store);
      expect(
        await store.sessions.expire({ nowMs: NOW + 24 * HOUR, idleMs: 99 * HOUR, forgetBeforeMs: NOW + 25 * HOUR }),
      ).toBe(1);
      expect(await store.sessions.byId(other.session.id)).toBeUndefined();
    });

    it('are touched forward only', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      store.sessions.touch(session.id, NOW + 5);
      store.sessions.touch(session.id, NOW + 2);
      await store.sessions.flushTouches();
      store.sessions.touch(session.id, NOW + 1);
      await store.sessions.flushTouches();
      expect((await store.sessions.byId(session.id))?.lastSeenAtMs).toBe(NOW + 5);
    });

    it('switch to another tenant of the same user: the old one ends, the absolute end stays', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { session } = await signIn(store, { tenantId: 'system', role: 'admin' });
      const by = byUser(session.userId, { sessionId: session.id });
      expect(await store.sessions.switchTenant('acme', by)).toBeUndefined();
      const switched = await store.sessions.switchTenant('system', by);
      expect(switched?.session).toMatchObject({ tenantId: 'system', role: 'admin', expiresAtMs: session.expiresAtMs });
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBe(NOW);
      expect(await store.sessions.switchTenant('system', by)).toBeUndefined();
    });
  });

  describe('signing keys', () => {
    it('AU10: rotate with an overlap; the old private key is gone', async () => {
      const store = await makeStore();
      await store.signingKeys.ensure(byGate());
      await store.signingKeys.ensure(byGate());
      const before = await store.signingKeys.load(NOW);
      expect(before.map(({ purpose }) => purpose).toSorted()).toEqual(['access', 'assertion']);
      const kid = await store.signingKeys.rotate({ purpose: 'access', overlapMs: 1000 }, byGate());
      const during = await store.signingKeys.load(NOW + 999);
      const access = during.filter(({ purpose }) => purpose === 'access');
      expect(access).toHaveLength(2);
      expect(access.find((key) => key.kid !== kid)).toMatchObject({ privateKey: undefined, notAfterMs: NOW + 1000 });
      expect(access.find((key) => key.kid === kid)?.privateKey).toBeDefined();
    });

    it('SB7: that are over are known for a week, by every process: what they signed has expired, and is not forged', async () => {
      const store = await makeStore();
      await store.signingKeys.ensure(byGate());
      const old = (await store.signingKeys.load(NOW)).find(({ purpose }) => purpose === 'access')?.kid;
      const isKnown = async (nowMs: number) => (await store.signingKeys.load(nowMs)).some(({ kid }) => kid === old);
      await store.signingKeys.rotate({ purpose: 'access', overlapMs: 1000 }, byGate());
      const week = 168 * HOUR;
      expect([await isKnown(NOW + 1000 + week - 1), await isKnown(NOW + 1000 + week)]).toEqual([true, false]);
      await store.signingKeys.rotate({ purpose: 'access', overlapMs: 1000 }, byGate('default', NOW + 2 * week));
      expect(await isKnown(NOW)).toBe(false);
    });
  });
}
