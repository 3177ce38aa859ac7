import { describe, expect, it } from 'vitest';
import { digestOf } from '../crypto/digest.ts';
import { actAsSystem } from './actor.ts';
import { inviteState } from './invites.ts';
import type { Store } from './store.ts';
import { accessOf, auditOf, byGate, byUser, HOUR, issueInvite, NOW, signIn } from './temporary-store.contract.ts';

/** Tenants, users, memberships, invites. */
export function peopleContract(makeStore: () => Promise<Store>): void {
  describe('tenants', () => {
    it('always hold default and system', async () => {
      const store = await makeStore();
      expect((await store.tenants.list(byGate('system').actor)).map(({ id }) => id)).toEqual(['default', 'system']);
      expect(await store.tenants.create('acme', byGate('system'))).toBe(true);
      expect(await store.tenants.create('acme', byGate('system'))).toBe(false);
    });

    it('T15: are nothing that an administrator of a tenant can list or make', async () => {
      const store = await makeStore();
      await expect(store.tenants.create('mine', byUser('u1'))).rejects.toThrow('platform');
      await expect(store.tenants.list(accessOf('u1'))).rejects.toThrow('platform');
      await expect(store.signingKeys.rotate({ purpose: 'access', overlapMs: 0 }, byUser('u1'))).rejects.toThrow(
        'platform',
      );
      await expect(store.users.erase('u2', byUser('u1'))).rejects.toThrow('platform');
    });
  });

  describe('users', () => {
    it('keep their names, and are seen in their own tenant only', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { id } = await store.users.create({ name: 'Ada Lovelace', role: 'viewer' }, byGate());
      expect(await store.users.get(accessOf('x'), id)).toMatchObject({ name: 'Ada Lovelace', role: 'viewer' });
      expect(await store.users.get(accessOf('x', 'acme'), id)).toBeUndefined();
      expect((await store.users.list(accessOf('x', 'acme'), { limit: 10 })).items).toEqual([]);
      expect(await store.users.disable(id, byUser('x', { tenantId: 'acme' }))).toBe(false);
    });

    it('are listed in pages without loss or repetition', async () => {
      const store = await makeStore();
      for (let count = 0; count < 7; count += 1)
        await store.users.create({ role: 'viewer' }, byGate('default', NOW + (count % 3)));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.users.list(accessOf('x'), { limit: 3, cursor });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(7);
      expect(seen).toHaveLength(7);
    });

    it('T22: are unreadable once erased', async () => {
      const store = await makeStore();
      const { session } = await signIn(store, { name: 'Ada Lovelace' });
      expect(await store.users.erase(session.userId, byGate('system'))).toBe(true);
      expect(await store.users.erase(session.userId, byGate('system'))).toBe(false);
      expect((await store.users.get(accessOf('x'), session.userId))?.name).toBeUndefined();
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBe(NOW);
    });

    it('are disabled everywhere by the platform: sessions and invites made for them end', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      const { codeDigest } = await issueInvite(store, { userId: session.userId });
      expect(await store.users.disable(session.userId, byGate())).toBe(true);
      expect(await store.users.disable(session.userId, byGate())).toBe(false);
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBe(NOW);
      const redemption = { digest: codeDigest, kind: 'invite', sessionEndsAtMs: NOW + HOUR, nowMs: NOW } as const;
      expect(await store.invites.redeem(redemption)).toBeUndefined();
      await expect(issueInvite(store, { userId: session.userId })).rejects.toThrow('refused');
      expect(await store.memberships.own(accessOf(session.userId))).toEqual([]);
    });

    it('T17: leave no invite behind to come back by; those of others, and of other tenants, stay', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { session } = await signIn(store);
      await signIn(store, { userId: session.userId, tenantId: 'acme' });
      const own = await issueInvite(store, { by: byUser(session.userId) });
      const elsewhere = await issueInvite(store, { by: byUser(session.userId, { tenantId: 'acme' }) });
      const ofOther = await issueInvite(store, { by: byUser('other') });
      expect(await store.users.disable(session.userId, byUser('admin'))).toBe(true);
      const isOpen = async ({ codeDigest: digest }: typeof own): Promise<boolean> => {
        const redemption = { digest, kind: 'invite', sessionEndsAtMs: NOW + HOUR, nowMs: NOW } as const;
        return (await store.invites.redeem(redemption)) !== undefined;
      };
      expect([await isOpen(own), await isOpen(elsewhere), await isOpen(ofOther)]).toEqual([false, true, true]);
    });

    it('T15: are disabled by a tenant in that tenant only', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { session } = await signIn(store);
      const elsewhere = await signIn(store, { userId: session.userId, tenantId: 'acme' });
      expect(await store.users.disable(session.userId, byUser('admin', { tenantId: 'acme' }))).toBe(true);
      expect((await store.sessions.byId(elsewhere.session.id))?.endedAtMs).toBe(NOW);
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBeUndefined();
      expect((await store.memberships.own(accessOf(session.userId))).map(({ tenantId }) => tenantId)).toEqual([
        'default',
      ]);
    });
  });

  describe('memberships', () => {
    it('end the sessions of the role they had', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      expect(await store.memberships.setRole(session.userId, 'admin', byGate())).toBe(true);
      expect(await store.memberships.own(accessOf(session.userId))).toEqual([{ tenantId: 'default', role: 'admin' }]);
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBe(NOW);
      expect(await store.memberships.remove(session.userId, byGate())).toBe(true);
      expect(await store.memberships.remove(session.userId, byGate())).toBe(false);
      expect(await store.memberships.setRole('nobody', 'admin', byGate())).toBe(false);
    });
  });

  inviteContract(makeStore);
}

function inviteContract(makeStore: () => Promise<Store>): void {
  describe('invites', () => {
    const redemption = { kind: 'invite', sessionEndsAtMs: NOW + HOUR, nowMs: NOW } as const;

    it('AU1: make a new user at each use, with the role and the tenant they say', async () => {
      const store = await makeStore();
      const { codeDigest, linkDigest } = await issueInvite(store, { uses: 2, role: 'viewer' });
      const first = await store.invites.redeem({ ...redemption, digest: codeDigest, name: 'Ada' });
      const second = await store.invites.redeem({ ...redemption, digest: linkDigest, name: 'Ada' });
      expect(first?.session).toMatchObject({ tenantId: 'default', role: 'viewer', expiresAtMs: NOW + HOUR });
      expect(first?.session.userId).not.toBe(second?.session.userId);
      expect(await store.invites.redeem({ ...redemption, digest: codeDigest })).toBeUndefined();
    });

    it('T17: with one use let exactly one of 50 through, and make one user', async () => {
      const store = await makeStore();
      const { codeDigest } = await issueInvite(store);
      const all = await Promise.all(
        Array.from({ length: 50 }, () => store.invites.redeem({ ...redemption, digest: codeDigest })),
      );
      expect(all.filter((started) => started !== undefined)).toHaveLength(1);
      expect((await store.users.list(accessOf('x'), { limit: 100 })).items).toHaveLength(1);
      expect((await auditOf(store)).filter(({ action }) => action === 'invite.redeemed')).toHaveLength(1);
    });

    it.each([
      ['expired', { nowMs: NOW + HOUR }],
      ['of another kind', { kind: 'login-link' as const }],
      ['unknown', { digest: digestOf('another') }],
    ])('T17: let nobody in when %s', async (_name, wrong) => {
      const store = await makeStore();
      const { codeDigest } = await issueInvite(store);
      expect(await store.invites.redeem({ ...redemption, digest: codeDigest, ...wrong })).toBeUndefined();
      expect(await store.invites.redeem({ ...redemption, digest: codeDigest })).toBeDefined();
    });

    it('are withdrawn by their own tenant only', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { invite, codeDigest } = await issueInvite(store);
      expect(await store.invites.revoke(invite.id, byUser('x', { tenantId: 'acme' }))).toBe(false);
      expect(await store.invites.revoke(invite.id, byUser('x'))).toBe(true);
      expect(await store.invites.revoke(invite.id, byUser('x'))).toBe(false);
      expect(await store.invites.redeem({ ...redemption, digest: codeDigest })).toBeUndefined();
    });

    it('bind the existing user they are made for; a name selects and renames nobody', async () => {
      const store = await makeStore();
      const { session } = await signIn(store, { name: 'Ada' });
      const again = await signIn(store, { userId: session.userId, name: 'Eve' });
      expect(again.session.userId).toBe(session.userId);
      expect((await store.users.get(accessOf('x'), session.userId))?.name).toBe('Ada');
    });

    it('T15: bind nobody from outside the tenant that issues them', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const { session } = await signIn(store);
      const draft = { role: 'viewer', prefix: 'X-', uses: 1, expiresAtMs: NOW + HOUR, linkDigest: digestOf('link') };
      const mine = { ...draft, userId: session.userId };
      expect(await store.invites.create(mine, byUser('x', { tenantId: 'acme' }))).toBeUndefined();
      expect(await store.invites.create(mine, byUser('x'))).toBeDefined();
    });

    it('of the platform make a member of default too, and begin there', async () => {
      const store = await makeStore();
      const { session } = await signIn(store, { tenantId: 'system', role: 'admin' });
      expect(session).toMatchObject({ tenantId: 'default', role: 'admin' });
      const own = await store.memberships.own(accessOf(session.userId));
      expect(own).toEqual([
        { tenantId: 'default', role: 'admin' },
        { tenantId: 'system', role: 'admin' },
      ]);
    });

    it('are listed without anything that opens them', async () => {
      const store = await makeStore();
      const { invite, codeDigest } = await issueInvite(store, { uses: 2 });
      await store.invites.redeem({ ...redemption, digest: codeDigest });
      const { items } = await store.invites.list(accessOf('x'), { limit: 10 });
      expect(items).toEqual([{ ...invite, usesLeft: 1 }]);
      expect(JSON.stringify(items)).not.toContain(codeDigest);
      const open = { ...invite, usesLeft: 1 };
      expect(inviteState(open, NOW)).toBe('open');
      expect(inviteState(open, NOW + HOUR)).toBe('expired');
      expect(inviteState({ ...open, usesLeft: 0 }, NOW)).toBe('used');
      expect(inviteState({ ...open, revokedAtMs: NOW }, NOW)).toBe('revoked');
    });

    it('as log-in links work once, for a live member, with the role they have then', async () => {
      const store = await makeStore();
      const { session } = await signIn(store);
      const link = { userId: session.userId, linkDigest: digestOf('one-time'), expiresAtMs: NOW + HOUR };
      const cli = { actor: actAsSystem('cli', 'default'), nowMs: NOW };
      expect(await store.invites.createLoginLink({ ...link, userId: 'nobody' }, cli)).toBeUndefined();
      expect(await store.invites.createLoginLink(link, cli)).toMatchObject({ kind: 'login-link', usesLeft: 1 });
      await store.memberships.setRole(session.userId, 'admin', cli);
      const by = { ...redemption, digest: link.linkDigest };
      expect(await store.invites.redeem(by)).toBeUndefined();
      expect((await store.invites.redeem({ ...by, kind: 'login-link' }))?.session).toMatchObject({
        userId: session.userId,
        role: 'admin',
      });
      expect(await store.invites.redeem({ ...by, kind: 'login-link' })).toBeUndefined();
      expect((await store.invites.list(accessOf('x'), { limit: 10 })).items.map(({ kind }) => kind)).toEqual([
        'invite',
      ]);
    });
  });
}
