import type { BlockSubject } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { actAsSystem } from './actor.ts';
import type { BlockDraft } from './blocks.ts';
import type { MakeStore } from './store.contract.ts';
import { accessOf, auditOf, byGate, byUser, HOUR, NOW } from './temporary-store.contract.ts';
import type { StateEvent } from './events.ts';

const MINUTE = 60_000;
const GROWING = { stepsMs: [MINUTE, 5 * MINUTE], forgetAfterMs: 24 * HOUR };
const PAGE = { limit: 50, nowMs: NOW } as const;
const ADDRESS: BlockSubject = { kind: 'address', address: '198.51.100.7' };
const user = (id = 'u1', tenantId = 'default'): BlockSubject => ({ kind: 'user', tenantId, id });
const draft = (subject: BlockSubject, lasts: BlockDraft['lasts'] = GROWING): BlockDraft => ({
  subject,
  cause: 'waf: sqli-1',
  lasts,
});
const platform = (nowMs = NOW) => byGate('system', nowMs);

/** What the store keeps of blocked callers. */
export function blockContract(makeStore: MakeStore): void {
  describe('blocks', () => {
    it('are kept with an entry and an event, and listed in their tenant only', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', platform());
      const events: StateEvent[] = [];
      store.events.subscribe((event) => events.push(event));
      const block = await store.blocks.place(draft(user('u1', 'acme')), { ...byGate('acme'), requestId: 'r1' });
      expect(block).toMatchObject({
        tenantId: 'acme',
        level: 1,
        untilMs: NOW + MINUTE,
        requestId: 'r1',
        madeBy: 'system:gate',
      });
      expect(events).toMatchObject([{ kind: 'block.changed', subject: block.id, tenantId: 'acme' }]);
      const [placed] = (await auditOf(store)).filter(({ action }) => action === 'block.placed');
      expect(placed).toMatchObject({ tenant: 'acme', facts: { kind: 'user', subject: 'u1', level: 1 } });
      const which = { ...PAGE, scope: 'callers' } as const;
      expect((await store.blocks.list(accessOf('x', 'acme'), which)).items).toEqual([block]);
      expect((await store.blocks.list(accessOf('x'), which)).items).toEqual([]);
      expect((await store.blocks.all(actAsSystem('cli', 'system'), PAGE)).items).toEqual([block]);
    });

    it('grow while they are remembered, and one in force is not made longer', async () => {
      const store = await makeStore();
      const place = (nowMs: number) => store.blocks.place(draft(user()), byGate('default', nowMs));
      const first = await place(NOW);
      expect(await place(NOW + MINUTE - 1)).toEqual(first);
      const second = await place(NOW + MINUTE);
      expect(second).toMatchObject({ level: 2, untilMs: NOW + 6 * MINUTE });
      expect(await place(NOW + HOUR)).toMatchObject({ level: 3, untilMs: NOW + HOUR + 5 * MINUTE });
      expect(await place(NOW + 30 * HOUR)).toMatchObject({ level: 1 });
    });

    it('of many at once are one', async () => {
      const store = await makeStore();
      const placed = await Promise.all(Array.from({ length: 8 }, () => store.blocks.place(draft(user()), byGate())));
      expect(new Set(placed.map(({ id }) => id)).size).toBe(1);
    });

    it('T22: keep an address sealed while it is blocked, and in no audit entry', async () => {
      const store = await makeStore();
      const block = await store.blocks.place(draft(ADDRESS), platform());
      expect(block.subject).toEqual(ADDRESS);
      expect(await store.blocks.byId(block.id, NOW)).toEqual(block);
      expect(JSON.stringify(await auditOf(store))).not.toContain('198.51.100.7');
      await store.blocks.prune({ nowMs: NOW + MINUTE, endedBeforeMs: NOW + MINUTE - 24 * HOUR });
      const next = await store.blocks.place(draft(ADDRESS), platform(NOW + HOUR));
      expect(next).toMatchObject({ level: 2, subject: ADDRESS });
    });

    it('are forgotten in the end', async () => {
      const store = await makeStore();
      await store.blocks.place(draft(user()), byGate());
      await store.blocks.prune({ nowMs: NOW + HOUR, endedBeforeMs: NOW + HOUR });
      expect(await store.blocks.place(draft(user()), byGate('default', NOW + HOUR))).toMatchObject({ level: 1 });
    });

    it('T13: are of their tenant: nobody else places or lifts them', async () => {
      const store = await makeStore();
      await expect(store.blocks.place(draft(user('u1', 'default')), byUser('x', { tenantId: 'acme' }))).rejects.toThrow(
        'tenant',
      );
      await expect(store.blocks.place(draft(ADDRESS), byUser('x'))).rejects.toThrow('platform');
      const block = await store.blocks.place(draft(user()), byGate());
      expect(await store.blocks.lift(block.id, 'callers', byUser('x', { tenantId: 'acme' }))).toBeUndefined();
      const address = await store.blocks.place(draft(ADDRESS), platform());
      expect(await store.blocks.lift(address.id, 'callers', platform())).toBeUndefined();
      await expect(store.blocks.lift(address.id, 'addresses', byUser('x'))).rejects.toThrow('platform');
      expect(await store.blocks.lift(address.id, 'addresses', platform())).toEqual(address);
    });

    it('are lifted once, with an entry, and what led to them is forgotten', async () => {
      const store = await makeStore();
      const block = await store.blocks.place(draft(user()), byGate());
      expect(await store.blocks.lift(block.id, 'callers', byUser('x'))).toEqual(block);
      expect(await store.blocks.lift(block.id, 'callers', byUser('x'))).toBeUndefined();
      expect(await store.blocks.byId(block.id, NOW)).toBeUndefined();
      expect((await auditOf(store)).at(-1)).toMatchObject({ action: 'block.lifted', actor: 'user:x' });
      expect(await store.blocks.place(draft(user()), byGate())).toMatchObject({ level: 1 });
    });

    it('by hand last as long as somebody says, instead of one in force', async () => {
      const store = await makeStore();
      await store.blocks.place(draft(user()), byGate());
      const made = await store.blocks.place(draft(user(), { ms: HOUR }), byUser('x'));
      expect(made).toMatchObject({ untilMs: NOW + HOUR, madeBy: 'user:x', level: 1 });
      expect(await store.blocks.inForce(NOW, 10)).toEqual([made]);
    });

    it('that are over are neither listed nor lifted', async () => {
      const store = await makeStore();
      const block = await store.blocks.place(draft(user()), byGate());
      const nowMs = NOW + MINUTE;
      expect((await store.blocks.list(accessOf('x'), { ...PAGE, nowMs, scope: 'callers' })).items).toEqual([]);
      expect(await store.blocks.inForce(nowMs, 10)).toEqual([]);
      expect(await store.blocks.lift(block.id, 'callers', byUser('x', { nowMs }))).toBeUndefined();
    });

    it('are listed page by page, newest first', async () => {
      const store = await makeStore();
      for (let at = 0; at < 5; at += 1)
        await store.blocks.place(draft(user(`u${at}`), { ms: HOUR }), byGate('default', NOW + at));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.blocks.list(accessOf('x'), { limit: 2, nowMs: NOW + 9, scope: 'callers', cursor });
        seen.push(...page.items.map(({ subject }) => (subject.kind === 'address' ? '' : subject.id)));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(['u4', 'u3', 'u2', 'u1', 'u0']);
    });
  });
}
