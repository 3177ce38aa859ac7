import { describe, expect, it } from 'vitest';
import type { Rotation } from './refresh.ts';
import type { Store } from './store.ts';
import { auditOf, byGate, HOUR, NOW, signIn } from './temporary-store.contract.ts';

const AT = { nowMs: NOW, idleMs: HOUR, graceMs: 10_000 };

function tokenOf(rotation: Rotation): string {
  if (!('refreshToken' in rotation)) throw new Error(`no token: ${rotation.kind}`);
  return rotation.refreshToken;
}

/** Rotation of refresh tokens (T19). */
export function refreshContract(makeStore: () => Promise<Store>): void {
  describe('refresh tokens', () => {
    it('T19: 50 at once make one successor, and everybody gets it', async () => {
      const store = await makeStore();
      const { refreshToken } = await signIn(store);
      const all = await Promise.all(Array.from({ length: 50 }, () => store.sessions.rotate(refreshToken, AT)));
      expect(all.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
      expect(all.filter(({ kind }) => kind === 'repeated')).toHaveLength(49);
      expect(new Set(all.map(tokenOf)).size).toBe(1);
      expect((await store.sessions.rotate(tokenOf(all[7] ?? { kind: 'refused' }), AT)).kind).toBe('rotated');
    });

    it('T19: reuse after the grace ends the family, with an audit entry', async () => {
      const store = await makeStore();
      const { session, refreshToken } = await signIn(store);
      const successor = tokenOf(await store.sessions.rotate(refreshToken, AT));
      const late = { ...AT, nowMs: NOW + 10_001, requestId: 'req-9' };
      expect(await store.sessions.rotate(refreshToken, late)).toMatchObject({
        kind: 'reused',
        session: { id: session.id },
      });
      expect(await store.sessions.rotate(successor, late)).toEqual({ kind: 'refused' });
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBe(late.nowMs);
      const actions = (await auditOf(store)).map(({ action }) => action);
      expect(actions.slice(-2)).toEqual(['session.refresh-reused', 'session.ended']);
    });

    it('T19: the grace counts from the rotation and does not slide', async () => {
      const store = await makeStore();
      const { refreshToken } = await signIn(store);
      await store.sessions.rotate(refreshToken, AT);
      expect((await store.sessions.rotate(refreshToken, { ...AT, nowMs: NOW + 9000 })).kind).toBe('repeated');
      expect((await store.sessions.rotate(refreshToken, { ...AT, nowMs: NOW + 10_000 })).kind).toBe('repeated');
      expect((await store.sessions.rotate(refreshToken, { ...AT, nowMs: NOW + 10_001 })).kind).toBe('reused');
    });

    it('T19: the grace is never longer than ten seconds, whatever is configured', async () => {
      const store = await makeStore();
      const { refreshToken } = await signIn(store);
      await store.sessions.rotate(refreshToken, AT);
      const late = { ...AT, graceMs: HOUR, nowMs: NOW + 10_001 };
      expect((await store.sessions.rotate(refreshToken, late)).kind).toBe('reused');
    });

    it('T19: the grace is over once the successor was presented', async () => {
      const store = await makeStore();
      const { refreshToken } = await signIn(store);
      const second = tokenOf(await store.sessions.rotate(refreshToken, AT));
      const third = tokenOf(await store.sessions.rotate(second, { ...AT, nowMs: NOW + 1 }));
      expect((await store.sessions.rotate(refreshToken, { ...AT, nowMs: NOW + 2 })).kind).toBe('reused');
      expect(await store.sessions.rotate(third, { ...AT, nowMs: NOW + 3 })).toEqual({ kind: 'refused' });
    });

    it('T19: revocation beats the grace', async () => {
      const store = await makeStore();
      const { session, refreshToken } = await signIn(store);
      await store.sessions.rotate(refreshToken, AT);
      await store.sessions.end(session.id, byGate(), 'revoked');
      expect(await store.sessions.rotate(refreshToken, AT)).toEqual({ kind: 'refused' });
    });

    it.each([
      ['the absolute end', { nowMs: NOW + 24 * HOUR, idleMs: 99 * HOUR }],
      ['the idle limit', { nowMs: NOW + HOUR }],
    ])('SB2: give nothing after %s', async (_name, late) => {
      const store = await makeStore();
      const { refreshToken } = await signIn(store);
      expect(await store.sessions.rotate(refreshToken, { ...AT, ...late })).toEqual({ kind: 'refused' });
      expect(await store.sessions.resolve(refreshToken, { ...AT, ...late })).toBeUndefined();
    });

    it.each(['', 'sgr_', 'x'.repeat(47), `sgr_${'A'.repeat(43)}`])('refuse what is none: %j', async (text) => {
      const store = await makeStore();
      await signIn(store);
      expect(await store.sessions.rotate(text, AT)).toEqual({ kind: 'refused' });
      expect(await store.sessions.resolve(text, AT)).toBeUndefined();
    });

    it('T19: a spent one that comes back as a silent renewal after every grace ends the family of whoever rotated it', async () => {
      const store = await makeStore();
      const { session, refreshToken: stolen } = await signIn(store);
      const ofThief = tokenOf(await store.sessions.rotate(stolen, AT));
      expect(await store.sessions.renew(stolen, { ...AT, nowMs: NOW + 10_000 })).toMatchObject({
        kind: 'held',
        session: { id: session.id },
      });
      const late = { ...AT, nowMs: NOW + 10_001 };
      const found = await Promise.all([store.sessions.renew(stolen, late), store.sessions.renew(stolen, late)]);
      expect(found.map(({ kind }) => kind).toSorted()).toEqual(['refused', 'reused']);
      expect(await store.sessions.renew(ofThief, { ...AT, nowMs: NOW + 10_002 })).toEqual({ kind: 'refused' });
      const { items } = await store.audit.list(byGate().actor, { limit: 2 });
      expect(items.map(({ action }) => action)).toEqual(['session.ended', 'session.refresh-reused']);
    });

    it('T19: a race with two rotations costs a silent renewal, not the session', async () => {
      const store = await makeStore();
      const { session, refreshToken } = await signIn(store);
      const second = tokenOf(await store.sessions.rotate(refreshToken, AT));
      await store.sessions.rotate(second, { ...AT, nowMs: NOW + 1 });
      expect(await store.sessions.renew(refreshToken, { ...AT, nowMs: NOW + 2 })).toEqual({ kind: 'refused' });
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBeUndefined();
    });

    it('are looked at for silent renewal without being used up', async () => {
      const store = await makeStore();
      const { session, refreshToken } = await signIn(store);
      expect(await store.sessions.resolve(refreshToken, AT)).toEqual(session);
      expect((await store.sessions.rotate(refreshToken, AT)).kind).toBe('rotated');
      expect((await store.sessions.resolve(refreshToken, AT))?.id).toBe(session.id);
      expect(await store.sessions.resolve(refreshToken, { ...AT, nowMs: NOW + 10_001 })).toBeUndefined();
      expect((await store.sessions.byId(session.id))?.endedAtMs).toBeUndefined();
    });
  });
}
